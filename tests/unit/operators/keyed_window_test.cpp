// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "testing/gauntlet.hpp"
#include "weir/aggregations.hpp"
#include "weir/detail/keyed_nodes.hpp"

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

using Key = std::string;
using Result = Windowed<Key, std::int64_t>;
using Steps =
    std::vector<std::variant<KeyedRecord<Key, int>, WatermarkStep, ClockStep, RestartStep>>;
using detail::WindowRules;

KeyedRecord<Key, int> at(std::int64_t time, Key key = "k", int value = 1) {
  return {std::move(key), value, EventTime{time}};
}
WatermarkStep watermark(std::int64_t time) { return {EventTime{time}}; }
ClockStep clock(std::int64_t time) { return {EventTime{time}}; }
Result result(Key key, std::int64_t value, std::int64_t start, std::int64_t end,
              PaneTiming timing = PaneTiming::on_time, std::uint32_t index = 0) {
  return {std::move(key), value, EventTime{start}, EventTime{end}, {timing, index}};
}
WindowRules with_trigger(const Trigger& trigger, Duration lateness = 0ms) {
  WindowRules rules;
  rules.trigger = trigger;
  rules.has_trigger = true;
  rules.lateness = lateness;
  return rules;
}

/// The results of a sum, the same in every way of the gauntlet.
template <class W>
std::vector<Result> sums(const W& windows, const WindowRules& rules, const Steps& steps) {
  const auto node = detail::window_node<Key, int, OnClose>("window", windows, rules,
                                                           sum(detail::Whole{}).template of<int>());
  EXPECT_THAT(node.faults, ::testing::IsEmpty());
  return run_gauntlet<Result, Key, int>(node.make, steps,
                                        [](const auto& first, const auto& other, const auto& way) {
                                          SCOPED_TRACE(way);
                                          EXPECT_EQ(other, first);
                                        })
      .results;
}

TEST(KeyedWindow, WindowsThatCloseTogetherComeOutByEndThenStartThenKey) {
  EXPECT_THAT(sums(hopping({.size = 10ms, .every = 5ms}), {},
                   {at(7, "b"), at(7, "a"), at(1, "c"), watermark(100)}),
              ElementsAre(result("c", 1, -5, 5), result("a", 1, 0, 10), result("b", 1, 0, 10),
                          result("c", 1, 0, 10), result("a", 1, 5, 15), result("b", 1, 5, 15)));
}

TEST(KeyedWindow, JumpOfTimeLosesNoWindow) {
  EXPECT_THAT(
      sums(tumbling(10ms), {}, {at(0), at(3), at(1'000'000), watermark(EventTime::max().ms())}),
      ElementsAre(result("k", 2, 0, 10), result("k", 1, 1'000'000, 1'000'010)));
}

TEST(KeyedWindow, RecordLateForOneHopCountsInTheOther) {
  const auto node = detail::window_node<Key, int, OnClose>(
      "window", hopping({.size = 10ms, .every = 5ms}), {}, count().of<int>());
  const auto outcome = run_gauntlet<Result, Key, int>(
      node.make, Steps{watermark(9), at(6), at(4), watermark(14)},
      [](const auto& first, const auto& other, const auto&) { EXPECT_EQ(other, first); });
  EXPECT_THAT(outcome.results, ElementsAre(result("k", 1, 5, 15)));
  EXPECT_EQ(outcome.late_window_misses, 1U);
  EXPECT_THAT(outcome.late, ElementsAre(Late<Key, int>{"k", 1, EventTime{4}, EventTime{9}}));
}

TEST(KeyedWindow, DiscardedLateResultHoldsOnlyWhatIsNew) {
  WindowRules rules;
  rules.lateness = 500ms;
  rules.is_discarding = true;
  EXPECT_THAT(sums(tumbling(2s), rules,
                   {at(500, "k", 5), watermark(2'300), at(1'997, "k", 2), at(1'998, "k", 3),
                    watermark(6'000), at(1'999)}),
              ElementsAre(result("k", 5, 0, 2'000), result("k", 2, 0, 2'000, PaneTiming::late, 1),
                          result("k", 3, 0, 2'000, PaneTiming::late, 2)));
}

TEST(KeyedWindow, CleanUpTimeDoesNotWrapAround) {
  WindowRules rules;
  rules.lateness = 2s;
  const std::int64_t start = 9'223'372'036'854'774'000;
  EXPECT_THAT(
      sums(tumbling(1s), rules, {at(start + 57), watermark(start + 307), watermark(start + 999)}),
      ElementsAre(result("k", 1, start, start + 1'000)));
}

TEST(KeyedWindow, CountTriggerPurgesWhatItHasShown) {
  EXPECT_THAT(sums(tumbling(10ms), with_trigger(at_count(2).purging()),
                   {at(0, "k", 1), at(1, "k", 2), at(2, "k", 3), at(3, "k", 4), at(4, "k", 5),
                    watermark(100)}),
              ElementsAre(result("k", 3, 0, 10, PaneTiming::early, 0),
                          result("k", 7, 0, 10, PaneTiming::early, 1)));
}

TEST(KeyedWindow, CountsOfSessionsAreAddedWhenTheyMerge) {
  EXPECT_THAT(sums(sessions({.gap = 3s}), with_trigger(at_count(4).purging()),
                   {at(10, "k", 1), at(1'000, "k", 2), at(2'500, "k", 3), at(6'000, "k", 1),
                    at(6'500, "k", 2), at(7'000, "k", 3), at(4'500, "k", 10), watermark(50'000)}),
              ElementsAre(result("k", 22, 10, 10'000, PaneTiming::early)));
}

TEST(KeyedWindow, GlobalWindowFiresByCountWithTheLargestTime) {
  const auto node = detail::window_node<Key, int, OnClose>(
      "window", global_window(), with_trigger(at_count(2)), count().of<int>());
  const auto outcome = run_gauntlet<Result, Key, int>(
      node.make, Steps{at(5), at(1), watermark(7), at(3)},
      [](const auto& first, const auto& other, const auto&) { EXPECT_EQ(other, first); });
  EXPECT_THAT(outcome.results, SizeIs(1));
  EXPECT_THAT(outcome.times, ElementsAre(EventTime::max()));
}

TEST(KeyedWindow, ProcessingTimeWindowClosesWhenTheClockReachesItsEnd) {
  EXPECT_THAT(
      sums(tumbling(3s).by_processing_time(), {},
           {clock(3), at(99'999), at(-5), clock(2'999), at(1), clock(3'000), at(1), clock(7'000)}),
      ElementsAre(result("k", 3, 0, 3'000), result("k", 1, 3'000, 6'000)));
}

TEST(KeyedWindow, ProcessingTimeSessionEndsWhenTheClockSaysSo) {
  EXPECT_THAT(sums(sessions({.gap = 3s}).by_processing_time(), {},
                   {clock(3), at(0), clock(1'000), at(0), clock(5'000), at(0), clock(10'000)}),
              ElementsAre(result("k", 2, 3, 4'000), result("k", 1, 5'000, 8'000)));
}

TEST(KeyedWindow, EarlyResultsComeByCountAndThenOnTime) {
  WindowRules rules;
  rules.emission = WindowRules::Emission::early;
  rules.early.records = 2;
  EXPECT_THAT(sums(tumbling(10ms), rules, {at(0), at(1), at(2), watermark(9)}),
              ElementsAre(result("k", 2, 0, 10, PaneTiming::early, 0),
                          result("k", 3, 0, 10, PaneTiming::on_time, 1)));
}

TEST(KeyedWindow, EarlyResultsByTheClockShowWhatHasChanged) {
  for (const bool is_session : {false, true}) {
    WindowRules rules;
    rules.emission = WindowRules::Emission::early;
    rules.early.every = 1s;
    const auto node = is_session ? detail::window_node<Key, int, OnClose>(
                                       "w", sessions({.gap = 10ms}), rules, count().of<int>())
                                 : detail::window_node<Key, int, OnClose>("w", tumbling(10ms),
                                                                          rules, count().of<int>());
    KeyedHarness<Key, int> harness{node.make, Refusal::every_other};
    auto& out = harness.probe<Result>();
    harness.open();
    harness.push({at(0), at(0)});
    harness.clock(EventTime{999});
    EXPECT_THAT(out.values, SizeIs(0));
    harness.clock(EventTime{1'000});
    harness.clock(EventTime{5'000});
    EXPECT_THAT(out.values, ElementsAre(result("k", 2, 0, 10, PaneTiming::early, 0)));
    harness.watermark(EventTime{9});
    EXPECT_THAT(out.values.back(), result("k", 2, 0, 10, PaneTiming::on_time, 1));
  }
}

TEST(KeyedWindow, CountWindowsHoldTheLastRecordsOfAKey) {
  const Steps steps{at(1, "k", 1), at(2, "k", 2), at(3, "k", 3), at(4, "k", 4), at(9, "k", 5)};
  EXPECT_THAT(sums(count_windows({.size = 3, .every = 2}), {}, steps),
              ElementsAre(result("k", 3, 1, 3), result("k", 9, 2, 5)));
  const auto node = detail::window_node<Key, int, OnClose>(
      "window", count_windows({.size = 3, .every = 2}), {},
      fold(std::int64_t{0}, [](std::int64_t& sum, int value) { sum += value; }).of<int>());
  KeyedHarness<Key, int> harness{node.make};
  auto& out = harness.probe<Result>();
  harness.open();
  for (const auto& step : steps) harness.push({std::get<0>(step)});
  EXPECT_THAT(out.values, ElementsAre(result("k", 3, 1, 3), result("k", 9, 2, 5)));
}

TEST(KeyedWindow, ClosedSessionsAreJoinedOnlyWhereThatIsAskedFor) {
  const Steps steps{at(0), watermark(299), at(301), at(150), watermark(10'000)};
  EXPECT_THAT(sums(sessions({.gap = 300ms}), {}, steps),
              ElementsAre(result("k", 1, 0, 300), result("k", 2, 150, 601)));
  EXPECT_THAT(sums(sessions({.gap = 300ms, .rejoin = 1h}), {}, steps),
              ElementsAre(result("k", 1, 0, 300), result("k", 3, 0, 601, PaneTiming::on_time, 1)));
}

TEST(KeyedWindow, ManyKeysFireThroughAnOutputThatIsFullHalfTheTime) {
  std::vector<KeyedRecord<Key, int>> records;
  for (int i = 0; i < 20'000; ++i) records.push_back(at(i % 7, "key " + std::to_string(i)));
  WindowRules early = with_trigger(at_window_end(), 5ms);
  early.emission = WindowRules::Emission::early;
  early.early.records = 1'000;
  const auto bound = count().of<int>();
  for (const detail::Node& node :
       {detail::window_node<Key, int, OnClose>("w", tumbling(10ms), {}, bound),
        detail::window_node<Key, int, OnClose>("w", hopping({.size = 10ms, .every = 5ms}), {},
                                               bound),
        detail::window_node<Key, int, OnClose>("w", tumbling(10ms), early, bound),
        detail::window_node<Key, int, OnClose>("w", sessions({.gap = 10ms}), {}, bound)}) {
    KeyedHarness<Key, int> harness{node.make, Refusal::every_other};
    auto& out = harness.probe<Result>();
    harness.open();
    harness.push(records);
    harness.watermark(EventTime::max());
    EXPECT_GE(out.values.size(), records.size()) << node.parameters;
    EXPECT_EQ(out.log.back(), "watermark max");
    std::set<std::pair<Key, EventTime>> seen;
    for (const Result& one : out.values) EXPECT_TRUE(seen.emplace(one.key, one.start).second);
  }
}

TEST(KeyedWindow, RecordThatThrowsIsSkippedAndLeavesNothing) {
  const auto add = [](std::int64_t& sum, int value) {
    if (value < 0) throw std::runtime_error{"negative"};
    sum += value;
  };
  const auto node = detail::window_node<Key, int, OnClose>("window", tumbling(10ms), {},
                                                           fold(std::int64_t{0}, add).of<int>());
  KeyedHarness<Key, int> harness{node.make};
  auto& out = harness.probe<Result>();
  harness.open();
  harness.context().policy = OnError::skip();
  harness.push({at(0, "bad", -1), at(1, "k", 2), at(2, "k", -1), at(3, "k", 3)});
  harness.watermark(EventTime{20});
  EXPECT_THAT(out.values, ElementsAre(result("k", 5, 0, 10)));
  EXPECT_EQ(harness.count(&detail::NodeMetrics::skipped), 2U);
}

TEST(KeyedWindow, RunningCountGivesEveryChange) {
  using Update = Change<Key, std::int64_t>;
  const auto node = detail::running_node<Key, int>("count", count().of<int>());
  const auto outcome = run_gauntlet<Update, Key, int>(
      node.make, Steps{at(0, "a"), at(1, "b"), at(2, "a")},
      [](const auto& first, const auto& other, const auto&) { EXPECT_EQ(other, first); }, false);
  EXPECT_THAT(outcome.results, ElementsAre(Update{"a", std::nullopt, 1},
                                           Update{"b", std::nullopt, 1}, Update{"a", 1, 2}));
}

TEST(KeyedWindow, SessionThatGrowsVanishesFirst) {
  using Update = Change<WindowKey<Key>, std::int64_t>;
  WindowRules rules;
  rules.emission = WindowRules::Emission::on_update;
  const auto node = detail::window_node<Key, int, OnUpdate>("w", sessions({.gap = 5ms}), rules,
                                                            count().of<int>());
  const auto outcome = run_gauntlet<Update, Key, int>(
      node.make, Steps{at(0), at(3), at(2), watermark(100)},
      [](const auto& first, const auto& other, const auto&) { EXPECT_EQ(other, first); });
  const WindowKey<Key> small{"k", EventTime{0}, EventTime{5}};
  const WindowKey<Key> large{"k", EventTime{0}, EventTime{8}};
  EXPECT_THAT(outcome.results,
              ElementsAre(Update{small, std::nullopt, 1}, Update{small, 1, std::nullopt},
                          Update{large, std::nullopt, 2}, Update{large, 2, 3}));
}

TEST(KeyedWindow, ContradictionsAreFaultsOfTheNode) {
  WindowRules rules = with_trigger(at_count(0));
  rules.lateness = -1ms;
  const auto node =
      detail::window_node<Key, int, OnClose>("window", tumbling(0ms), rules, count().of<int>());
  EXPECT_THAT(node.faults, ::testing::UnorderedElementsAre(
                               "window: size is 0ms; it must be positive",
                               "window: every is 0ms; it must be positive",
                               "window: at_count(0) never fires; the count must be positive",
                               "window: allow_lateness is -1ms; it must not be negative"));
}

}  // namespace
}  // namespace weir::testing
