// SPDX-License-Identifier: Apache-2.0
// What the functions of a stream add to the graph. What the operators do is tested with them.
#include "weir/stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "testing/operator_harness.hpp"
#include "weir/topology.hpp"

namespace weir {
namespace {

using detail::Node;
using detail::NodeKind;
using ::testing::ElementsAre;
using testing::OperatorHarness;
using namespace std::chrono_literals;

struct Click {
  std::string user;
  EventTime at;
  int count = 0;
  bool is_human = true;
  int twice() const { return 2 * count; }
};

class Clicks : public Source<Click> {
 public:
  bool is_bounded() const override { return true; }
  bool has_event_time() const override { return true; }
  std::vector<SplitId> splits(const SourceContext&) override { return {}; }
  std::unique_ptr<SplitReader<Click>> open(const SplitId&, const std::optional<Position>&,
                                           const SourceContext&) override {
    return nullptr;
  }
};

/// Is a source and a sink, as a topic of a log is.
struct Topic {
  using value_type = Click;
  operator std::shared_ptr<Source<Click>>() const {  // NOLINT: conversion is wanted.
    return std::make_shared<Clicks>();
  }
  operator std::shared_ptr<Sink<Click>>() const { return nullptr; }  // NOLINT: the same.
};

class StreamApi : public ::testing::Test {
 protected:
  const Node& node_of(const detail::NodeRef& ref) { return ref.node(); }

  Topology topology_{"job"};
  Stream<Click> clicks_ = topology_.source("clicks", std::make_shared<Clicks>());
};

TEST_F(StreamApi, AMemberPointerIsAFunction) {
  const Stream<std::string> users = clicks_.map(&Click::user);
  const Stream<int> twice = clicks_.filter(&Click::is_human).map(&Click::twice);
  OperatorHarness<Click> harness{node_of(twice.ref()).make()};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({{"ann", EventTime{1}, 3, true}});
  EXPECT_THAT(out.values, ElementsAre(6));
}

TEST_F(StreamApi, FlatMapTakesRangesAndEmitters) {
  const auto letters = [](const std::string& text, Emitter<char>& emit) {
    for (const char letter : text) emit(letter);
  };
  const auto users = clicks_.map(&Click::user);
  const Stream<char> by_emitter = users.flat_map(letters);
  const Stream<std::string> by_range = users.flat_map([](const std::string& text) {
    return std::vector<std::string>{text, text};
  });
  const Stream<int> by_generic_lambda = users.flat_map<int>(
      [](const auto& text, auto& emit) { emit(static_cast<int>(text.size())); });
  OperatorHarness<std::string> harness{node_of(by_emitter.ref()).make()};
  auto& out = harness.probe<char>();
  harness.open();
  harness.push({"ab", "c"});
  EXPECT_THAT(out.values, ElementsAre('a', 'b', 'c'));
}

TEST_F(StreamApi, HandlesAreValuesAndBranchingIsReuse) {
  const Stream<Click> copy = clicks_;
  copy.filter(&Click::is_human).named("humans");
  clicks_.map(&Click::user).named("users");
  EXPECT_EQ(topology_.graph().nodes[1].name, "humans");
  EXPECT_EQ(topology_.graph().nodes[2].inputs[0].node, 0U);
}

TEST_F(StreamApi, EventTimeHoldsForWhatFollows) {
  EXPECT_FALSE(node_of(clicks_.map(&Click::user).ref()).has_event_time);
  const auto timed = clicks_.event_time(&Click::at, {.max_disorder = 10s, .max_drift = 1min});
  EXPECT_TRUE(node_of(timed.map(&Click::user).ref()).has_event_time);
  EXPECT_EQ(node_of(timed.ref()).max_drift, Duration{60'000});
  EXPECT_FALSE(node_of(timed.union_with(clicks_).ref()).has_event_time) << "one input has none";
  EXPECT_TRUE(node_of(clicks_.event_time({.max_disorder = 1s}).ref()).faults.empty());
}

TEST_F(StreamApi, SplitHasABranchPerPredicateAndTheRest) {
  const auto [human, busy, rest] =
      clicks_.split(&Click::is_human, [](const Click& click) { return click.count > 9; });
  EXPECT_EQ(human.ref().index(), rest.ref().index());
  EXPECT_THAT(node_of(rest.ref()).outlets, ElementsAre("1", "2", "rest", "dead_letters"));
  EXPECT_EQ(node_of(busy.ref()).required_outlets, 2U);
}

TEST_F(StreamApi, KeyByEndsAStageAndWindowAllHasOneShard) {
  clicks_.key_by(&Click::user);
  EXPECT_EQ(topology_.graph().nodes.back().kind, NodeKind::key_by);
  EXPECT_EQ(topology_.graph().nodes.back().shards, 0U);
  const auto all = clicks_.event_time(&Click::at).window_all(tumbling(1min));
  const Node& key_by = topology_.graph().nodes[3];
  EXPECT_EQ(key_by.operation, "window_all");
  EXPECT_EQ(key_by.shards, 1U);
}

TEST_F(StreamApi, WhatConvertsToASourceOrSinkIsOne) {
  topology_.source(Topic{}).to("out", Topic{});
  topology_.source(std::make_unique<Clicks>());
  EXPECT_EQ(topology_.graph().nodes[1].operation, "source");
  EXPECT_EQ(topology_.graph().nodes[2].name, "out");
}

TEST_F(StreamApi, OnErrorBelongsToTheNode) {
  clicks_.on_error(OnError::skip());
  clicks_.for_each([](const Click&) {}).on_error(OnError::fail().after_retries(2, 1s));
  EXPECT_EQ(topology_.graph().nodes[0].on_error.action, OnError::Action::skip);
  EXPECT_EQ(topology_.graph().nodes[1].on_error.retry_count_max, 2U);
}

TEST_F(StreamApi, DeadLettersAreAStream) {
  const auto reasons = clicks_.dead_letters().map(&DeadLetter::reason);
  EXPECT_EQ(topology_.graph().nodes[1].inputs[0].outlet, 1U);
  EXPECT_EQ(topology_.graph().nodes[0].on_error.action, OnError::Action::dead_letter);
}

// --- changes -----------------------------------------------------------------------------------

using Row = Keyed<std::string, int>;
using Count = Change<std::string, int>;

Count to_count(const Click& click) { return {click.user, std::nullopt, click.count}; }

TEST_F(StreamApi, FunctionsOfRowsKeepChangesInStep) {
  const Stream<Count> counts = clicks_.map(to_count);
  const auto doubled = counts.map([](const Row& row) { return 2L * row.value; });
  static_assert(std::is_same_v<decltype(doubled), const Stream<Change<std::string, long>>>);
  const auto filtered = counts.filter([](const Row& row) { return row.value > 1; });
  OperatorHarness<Count> harness{node_of(filtered.ref()).make()};
  auto& out = harness.probe<Count>();
  harness.open();
  harness.push({{"a", 1, 2}, {"a", 2, 1}, {"a", 0, 1}});
  EXPECT_THAT(out.values, ElementsAre(Count{"a", std::nullopt, 2}, Count{"a", 2, std::nullopt}));
}

TEST_F(StreamApi, AFunctionOfTheWholeChangeMakesOrdinaryRecords) {
  const auto is_new =
      clicks_.map(to_count).map([](const Count& count) { return !count.old ? 1 : 0; });
  static_assert(std::is_same_v<decltype(is_new), const Stream<int>>);
}

TEST_F(StreamApi, SplitMovesARowFromBranchToBranch) {
  const auto [small, rest] =
      clicks_.map(to_count).split([](const Row& row) { return row.value < 10; });
  OperatorHarness<Count> small_harness{node_of(small.ref()).make()};
  OperatorHarness<Count> rest_harness{node_of(rest.ref()).make()};
  auto& in_small = small_harness.probe<Count>();
  auto& in_rest = rest_harness.probe<Count>();
  small_harness.open();
  rest_harness.open();
  small_harness.push({{"a", 9, 10}});
  rest_harness.push({{"a", 9, 10}});
  EXPECT_THAT(in_small.values, ElementsAre(Count{"a", 9, std::nullopt}));
  EXPECT_THAT(in_rest.values, ElementsAre(Count{"a", std::nullopt, 10}));
}

TEST_F(StreamApi, ForEachSeesTheRowsThatAreThere) {
  std::vector<Row> seen;
  clicks_.map(to_count).for_each([&seen](const Row& row) { seen.push_back(row); });
  OperatorHarness<Count> harness{topology_.graph().nodes.back().make()};
  harness.open();
  harness.push({{"a", 1, 2}, {"b", 1, std::nullopt}});
  EXPECT_THAT(seen, ElementsAre(Row{"a", 2}));
}

}  // namespace
}  // namespace weir
