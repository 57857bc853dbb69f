// SPDX-License-Identifier: Apache-2.0
#include "graph/close.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "graph/node_id.hpp"
#include "tests/unit/graph/parts.hpp"
#include "weir/error.hpp"
#include "weir/topology.hpp"

namespace weir {
namespace {

using graph_test::FaultySink;
using graph_test::NullSink;
using graph_test::Numbers;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool is_even(int n) { return n % 2 == 0; }
int same(int n) { return n; }
void ignore(int) {}

std::vector<std::string> names_of(const Topology& topology) {
  detail::Graph graph = topology.graph();
  detail::derive_names(graph);
  std::vector<std::string> names;
  for (const detail::Node& node : graph.nodes) names.push_back(node.name);
  return names;
}

std::vector<std::string> faults_of(const Topology& topology) {
  try {
    topology.validate();
  } catch (const ConfigError& error) {
    return error.faults();
  }
  return {};
}

TEST(DerivedNames, BeginWithTheNearestNamedNodeAbove) {
  Topology topology{"job"};
  topology.source("numbers", std::make_shared<Numbers>())
      .map(same)
      .filter(is_even)
      .named("even")
      .map(same)
      .for_each(ignore);
  EXPECT_THAT(names_of(topology),
              ElementsAre("numbers", "numbers.map", "even", "even.map", "even.for_each"));
}

TEST(DerivedNames, StayWhenAnUnnamedNodeIsPutBefore) {
  Topology topology{"job"};
  topology.source("numbers", std::make_shared<Numbers>()).peek(ignore).map(same).for_each(ignore);
  EXPECT_THAT(names_of(topology),
              ElementsAre("numbers", "numbers.peek", "numbers.map", "numbers.for_each"));
}

TEST(DerivedNames, AreNumberedInTheOrderBuilt) {
  Topology topology{"job"};
  const auto numbers = topology.source(std::make_shared<Numbers>());
  topology.source(std::make_shared<Numbers>()).map(same).for_each(ignore);
  numbers.map(same).map(same).for_each(ignore);
  EXPECT_THAT(names_of(topology),
              ElementsAre("source", "source-2", "source-2.map", "source-2.for_each", "source.map",
                          "source.map-2", "source.for_each"));
}

TEST(DerivedNames, GoAroundGivenOnes) {
  Topology topology{"job"};
  const auto numbers = topology.source("n", std::make_shared<Numbers>());
  numbers.map(same).for_each(ignore);
  numbers.filter(is_even).named("n.map").for_each(ignore);
  EXPECT_THAT(names_of(topology),
              ElementsAre("n", "n.map-2", "n.for_each", "n.map", "n.map.for_each"));
}

TEST(DerivedNames, TellSideOutputsApart) {
  Topology topology{"job"};
  const auto [even, rest] = topology.source("n", std::make_shared<Numbers>()).split(is_even);
  rest.map(same).for_each(ignore);
  even.map(same).for_each(ignore);
  EXPECT_THAT(names_of(topology),
              ElementsAre("n", "n.split", "n.rest.map", "n.rest.for_each", "n.map", "n.for_each"));
}

TEST(Closing, AcceptsWhatIsRight) {
  Topology topology{"job"};
  const auto numbers = topology.source("numbers", std::make_shared<Numbers>());
  numbers.filter(is_even).to("even", std::make_shared<NullSink>());
  numbers.map(same).for_each(ignore);
  EXPECT_NO_THROW(topology.validate());
}

TEST(Closing, NamesEveryFaultAtOnce) {
  Topology topology{"job"};
  const auto numbers = topology.source("numbers", std::make_shared<Numbers>());
  numbers.map(same);
  numbers.to("sink", std::make_shared<FaultySink>());
  numbers.to("sink", std::make_shared<NullSink>());
  EXPECT_THAT(
      faults_of(topology),
      ElementsAre("nobody consumes node 'numbers.map' (map); write it to a sink, or take it out",
                  "sink 'sink': the path is empty",
                  "two nodes have the name 'sink' (sink and sink); names must be unique"));
}

TEST(Closing, RefusesATopologyWithoutNameOrSource) {
  const std::vector<std::string> faults = faults_of(Topology{""});
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0], "the topology has no name; give it one");
  EXPECT_EQ(faults[1], "topology '' has no source; add one with source()");
}

TEST(Closing, RefusesAnEmptyName) {
  Topology topology{"job"};
  topology.source("", std::make_shared<Numbers>()).for_each("f", ignore);
  EXPECT_THAT(faults_of(topology),
              ElementsAre("a node (source) has an empty name; give it another or none"));
}

TEST(Closing, RefusesMissingParts) {
  Topology topology{"job"};
  topology.source("numbers", std::shared_ptr<Numbers>{}).to("sink", std::shared_ptr<Sink<int>>{});
  EXPECT_THAT(faults_of(topology), ElementsAre("node 'numbers': source() was given no source",
                                               "node 'sink': to() was given no sink"));
}

TEST(Closing, RefusesABranchNobodyConsumesButNotTheRest) {
  Topology topology{"job"};
  const auto branches = topology.source("n", std::make_shared<Numbers>()).split(is_even, is_even);
  branches[0].for_each(ignore);
  EXPECT_THAT(faults_of(topology),
              ElementsAre(HasSubstr("nobody consumes outlet '2' of node 'n.split'")));
}

TEST(Closing, RefusesEventTimeThatIsNotThere) {
  Topology topology{"job"};
  const auto numbers = topology.source("n", std::make_shared<Numbers>());
  detail::Node window;
  window.operation = "window";
  window.needs_event_time = true;
  window.is_consumption_optional = true;
  const auto to_time = [](int n) { return EventTime{n}; };
  numbers.ref().add(window);
  numbers.event_time(to_time).map(same).ref().add(window);
  EXPECT_THAT(faults_of(topology),
              ElementsAre("node 'n.window' (window) needs event time, but node 'n' has none; call "
                          "event_time() on the stream before it"));
}

TEST(Closing, RefusesBadOptionsOfEventTime) {
  Topology topology{"job"};
  const auto to_time = [](int n) { return EventTime{n}; };
  topology.source("n", std::make_shared<Numbers>())
      .event_time(to_time, {.max_disorder = Duration{-1}, .max_drift = Duration{0}})
      .event_time()
      .for_each(ignore);
  EXPECT_THAT(faults_of(topology),
              ElementsAre("node 'n.event_time': max_disorder is -1ms; it must not be negative",
                          "node 'n.event_time': max_drift is 0ms; it must be positive"));
}

TEST(Closing, RefusesOwnTimesOfRecordsThatBringNone) {
  Topology topology{"job"};
  topology.source("n", std::make_shared<Numbers>()).event_time().for_each(ignore);
  EXPECT_THAT(faults_of(topology), ElementsAre(HasSubstr("event_time() without a selector")));
}

TEST(Closing, RefusesDeadLettersThatNobodyTakes) {
  Topology topology{"job"};
  const auto numbers = topology.source("n", std::make_shared<Numbers>());
  numbers.map(same).on_error(OnError::dead_letter()).for_each(ignore);
  const auto united = numbers.union_with(numbers);
  united.on_error(OnError::dead_letter()).for_each("united", ignore);
  EXPECT_THAT(
      faults_of(topology),
      ElementsAre("node 'n.map' has the policy OnError::dead_letter, but nobody consumes its "
                  "dead_letters()",
                  "node 'n.union' (union) has no dead letters; its policy can be OnError::fail "
                  "or OnError::skip"));
}

TEST(Closing, DeadLettersThatAreTakenSetThePolicy) {
  Topology topology{"job"};
  const auto mapped = topology.source("n", std::make_shared<Numbers>()).map(same);
  mapped.for_each(ignore);
  mapped.dead_letters().for_each([](const DeadLetter&) {});
  EXPECT_NO_THROW(topology.validate());
  EXPECT_EQ(mapped.ref().node().on_error.action, OnError::Action::dead_letter);
}

TEST(Closing, RefusesOneObjectInTwoNodes) {
  Topology topology{"job"};
  const auto source = std::make_shared<Numbers>();
  const auto sink = std::make_shared<NullSink>();
  topology.source("a", source).to("c", sink);
  topology.source("b", source).to("d", sink);
  EXPECT_THAT(
      faults_of(topology),
      ElementsAre("nodes 'a' and 'b' share one source; use one stream twice, or make two sources",
                  "nodes 'c' and 'd' share one sink; unite the streams, or make two sinks"));
}

TEST(Closing, RefusesStreamsOfTwoTopologiesInOneNode) {
  Topology one{"one"};
  Topology two{"two"};
  const auto other = two.source("b", std::make_shared<Numbers>());
  one.source("a", std::make_shared<Numbers>()).union_with(other).for_each(ignore);
  EXPECT_THAT(faults_of(one), ElementsAre(HasSubstr("inputs of the topologies 'one' and 'two'")));
}

// State is found by this number: it must never change.
TEST(NodeIds, AreFixedForEver) { EXPECT_EQ(detail::node_id("word-count").value, 3'731'939'799U); }

}  // namespace
}  // namespace weir
