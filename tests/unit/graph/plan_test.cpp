// SPDX-License-Identifier: Apache-2.0
#include "graph/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "graph/close.hpp"
#include "graph/partitions.hpp"
#include "weir/detail/graph/typed_source.hpp"
#include "weir/error.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

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
  /// A source whose splits are the partitions of the topic of its name.
  std::size_t add_topic(const std::string& name, std::uint32_t partitions) {
    const std::size_t source = add(NodeKind::source, name, {});
    testing::Feed<int> feed{{.splits = partitions, .topic = name}};
    graph_.nodes[source].source = std::make_shared<TypedSource<int>>(feed.source());
    return source;
  }
  std::size_t add_bound(std::string name, std::size_t input) {
    const std::size_t key_by = add(NodeKind::key_by, std::move(name), {input});
    graph_.nodes[key_by].placement = KeyPlacement::partition;
    return key_by;
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

TEST(Plan, KeyedByPartitionHasTheShardsOfItsTopic) {
  GraphOf graph;
  const auto orders = graph.add_topic("orders", 6);
  const auto by_key = graph.add_bound("by-key", orders);
  const auto sum = graph.add(NodeKind::keyed, "sum", {by_key});
  const auto again = graph.add_bound("again", sum);
  graph.add(NodeKind::keyed, "total", {again});

  Plan plan = make_plan(graph.get(), 32);
  bind_partitions(plan, graph.get());

  ASSERT_EQ(plan.stages.size(), 3U);
  for (const std::size_t keyed : {1, 2}) {
    EXPECT_TRUE(plan.stages[keyed].is_bound());
    EXPECT_EQ(plan.stages[keyed].shards, 6U);
    EXPECT_EQ(plan.stages[keyed].topic, "orders");
  }
}

/// Two topics of one log or of two, read and counted by partition or not.
bool may_share_with(bool is_bound, bool is_one_log) {
  testing::Effects effects;
  testing::VirtualClock clock;
  testing::SimLog log{effects, clock};
  const auto client = std::make_shared<testing::LogClient>(log);
  const auto other = is_one_log ? client : std::make_shared<testing::LogClient>(log);
  const auto decode = [](const testing::LogRecord& record) { return *record.value; };
  Topology topology{"shared"};
  topology.source("left", testing::log_source<std::string>(client, "left", decode))
      .union_with(
          topology.source("right", testing::log_source<std::string>(other, "right", decode)))
      .key_by(std::identity{})
      .named("by-key")
      .count();
  Graph graph = close(topology.graph());
  for (Node& node : graph.nodes) {
    if (is_bound && node.kind == NodeKind::key_by) node.placement = KeyPlacement::partition;
  }
  return may_share(make_plan(graph, 4), graph);
}

TEST(Plan, MayBeSharedWhenNoKeyCanBeInTwoProcesses) {
  EXPECT_TRUE(may_share_with(true, true));
  EXPECT_FALSE(may_share_with(false, true));
  EXPECT_FALSE(may_share_with(true, false));
}

TEST(Plan, MayNotBeSharedWithASourceThatNobodyDivides) {
  GraphOf graph;
  graph.add(NodeKind::keyed, "sum", {graph.add_bound("by-key", graph.add_topic("orders", 6))});
  EXPECT_FALSE(may_share(make_plan(graph.get(), 8), graph.get()));
}

TEST(Plan, RefusesKeyedByPartitionWhereNoPartitionsAre) {
  GraphOf graph;
  const auto numbers = graph.add(NodeKind::source, "numbers", {});
  graph.add(NodeKind::keyed, "sum", {graph.add_bound("by-key", numbers)});
  EXPECT_THAT([&] { make_plan(graph.get(), 8); },
              ThrowsMessage<ConfigError>(HasSubstr("splits of source 'numbers' are not the")));
}

TEST(Plan, RefusesKeyedByPartitionBelowAnExchangeInMemory) {
  GraphOf graph;
  const auto orders = graph.add_topic("orders", 6);
  const auto by_key = graph.add(NodeKind::key_by, "by-key", {orders});
  const auto sum = graph.add(NodeKind::keyed, "sum", {by_key});
  graph.add(NodeKind::keyed, "total", {graph.add_bound("again", sum)});
  EXPECT_THAT([&] { make_plan(graph.get(), 8); },
              ThrowsMessage<ConfigError>(HasSubstr("'by-key' above it spreads keys in memory")));
}

TEST(Plan, RefusesToMeetOnePlacementOfKeysWithAnother) {
  GraphOf graph;
  const auto left = graph.add_bound("left-key", graph.add_topic("left", 6));
  const auto right = graph.add(NodeKind::key_by, "right-key", {graph.add_topic("right", 6)});
  graph.add(NodeKind::keyed, "join", {left, right});
  EXPECT_THAT([&] { make_plan(graph.get(), 6); },
              ThrowsMessage<ConfigError>(HasSubstr("only 'left-key' is keyed_by_partition()")));
}

TEST(Plan, RefusesToMeetTopicsOfDifferentNumbersOfPartitions) {
  GraphOf graph;
  const auto left = graph.add_bound("left-key", graph.add_topic("left", 6));
  const auto right = graph.add_bound("right-key", graph.add_topic("right", 4));
  graph.add(NodeKind::keyed, "join", {left, right});
  Plan plan = make_plan(graph.get(), 8);
  EXPECT_THAT([&] { bind_partitions(plan, graph.get()); },
              ThrowsMessage<ConfigError>(
                  AllOf(HasSubstr("(topic 'left') has 6"), HasSubstr("(topic 'right') has 4"))));
}

}  // namespace
}  // namespace weir::inline v0::detail
