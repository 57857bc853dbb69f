// SPDX-License-Identifier: Apache-2.0
#include "graph/plan.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// Builds graphs of bare nodes: enough to be planned.
class GraphOf {
 public:
  std::size_t add(NodeKind kind, std::string name, std::vector<std::size_t> inputs,
                  std::uint32_t shards = 0) {
    Node node;
    node.kind = kind;
    node.name = std::move(name);
    node.shards = shards;
    for (std::size_t port = 0; port < inputs.size(); ++port) {
      node.inputs.push_back({inputs[port], 0, port});
    }
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.size() - 1;
  }
  const Graph& get() const { return graph_; }

 private:
  Graph graph_;
};

TEST(Plan, CutsAtEachKeyBy) {
  GraphOf graph;
  const auto lines = graph.add(NodeKind::source, "lines", {});
  const auto words = graph.add(NodeKind::transform, "words", {lines});
  const auto by_word = graph.add(NodeKind::key_by, "by-word", {words});
  const auto count = graph.add(NodeKind::keyed, "count", {by_word});
  const auto print = graph.add(NodeKind::sink, "print", {count});

  const Plan plan = make_plan(graph.get(), 32);

  ASSERT_EQ(plan.stages.size(), 2U);
  EXPECT_EQ(plan.stages[0].source, lines);
  EXPECT_EQ(plan.stages[0].nodes, (std::vector<std::size_t>{words, by_word}));
  EXPECT_TRUE(plan.stages[1].is_keyed());
  EXPECT_EQ(plan.stages[1].shards, 32U);
  EXPECT_EQ(plan.stages[1].name, "by-word");
  EXPECT_EQ(plan.stages[1].entries, std::vector<std::size_t>{by_word});
  EXPECT_EQ(plan.stages[1].nodes, (std::vector<std::size_t>{count, print}));
  ASSERT_EQ(plan.edges.size(), 1U);
  EXPECT_EQ(plan.edges[0].from, plan.stages[0].id);
  EXPECT_EQ(plan.edges[0].to, plan.stages[1].id);
}

TEST(Plan, RunsWhatFollowsAUnionInEveryStageThatFeedsIt) {
  GraphOf graph;
  const auto left = graph.add(NodeKind::source, "left", {});
  const auto right = graph.add(NodeKind::source, "right", {});
  const auto both = graph.add(NodeKind::transform, "both", {left, right});
  const auto by_key = graph.add(NodeKind::key_by, "by-key", {both});
  const auto count = graph.add(NodeKind::keyed, "count", {by_key});
  graph.add(NodeKind::sink, "out", {count});

  const Plan plan = make_plan(graph.get(), 8);

  ASSERT_EQ(plan.stages.size(), 3U);
  EXPECT_EQ(plan.stages[0].nodes, (std::vector<std::size_t>{both, by_key}));
  EXPECT_EQ(plan.stages[1].nodes, (std::vector<std::size_t>{both, by_key}));
  EXPECT_EQ(plan.edges_to(plan.stages[2].id).size(), 2U);
}

TEST(Plan, PutsKeyBysOfOneKeyedNodeIntoOneStage) {
  GraphOf graph;
  const auto left = graph.add(NodeKind::source, "left", {});
  const auto right = graph.add(NodeKind::source, "right", {});
  const auto left_key = graph.add(NodeKind::key_by, "left-key", {left});
  const auto right_key = graph.add(NodeKind::key_by, "right-key", {right});
  const auto join = graph.add(NodeKind::keyed, "join", {left_key, right_key});
  graph.add(NodeKind::sink, "out", {join});

  const Plan plan = make_plan(graph.get(), 8);

  ASSERT_EQ(plan.stages.size(), 3U);
  const PlanStage& keyed = plan.stages[2].is_keyed() ? plan.stages[2] : plan.stages[1];
  EXPECT_EQ(keyed.entries, (std::vector<std::size_t>{left_key, right_key}));
  EXPECT_EQ(plan.edges_to(keyed.id).size(), 2U);
}

TEST(Plan, LetsTwoKeyedNodesShareOneExchange) {
  GraphOf graph;
  const auto source = graph.add(NodeKind::source, "source", {});
  const auto by_key = graph.add(NodeKind::key_by, "by-key", {source});
  const auto first = graph.add(NodeKind::keyed, "first", {by_key});
  const auto second = graph.add(NodeKind::keyed, "second", {by_key});
  graph.add(NodeKind::sink, "a", {first});
  graph.add(NodeKind::sink, "b", {second});

  const Plan plan = make_plan(graph.get(), 8);

  EXPECT_EQ(plan.stages.size(), 2U);
  EXPECT_EQ(plan.edges.size(), 1U);
}

TEST(Plan, RefusesKeyBysOfOneStageWithDifferentShards) {
  GraphOf graph;
  const auto left = graph.add(NodeKind::source, "left", {});
  const auto right = graph.add(NodeKind::source, "right", {});
  const auto left_key = graph.add(NodeKind::key_by, "left-key", {left}, 1);
  const auto right_key = graph.add(NodeKind::key_by, "right-key", {right});
  graph.add(NodeKind::keyed, "join", {left_key, right_key});

  EXPECT_THROW(make_plan(graph.get(), 8), ConfigError);
}

}  // namespace
}  // namespace weir::inline v0::detail
