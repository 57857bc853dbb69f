// SPDX-License-Identifier: Apache-2.0
#include "weir/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "testing/gauntlet.hpp"
#include "weir/processed.hpp"

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using Example = Steps<int, int>;

template <class P>
typename KeyedHarness<int, int>::Make make() {
  return [] {
    return std::make_unique<detail::ProcessOperator<int, int, P>>(detail::SideDeclarations{});
  };
}
template <class P>
Outcome<int, int, std::string> play_all(const Example& steps) {
  return run_gauntlet<std::string, int, int>(
      make<P>(), steps,
      [](const auto& first, const auto& other, const auto& way) {
        SCOPED_TRACE(way);
        EXPECT_EQ(other, first);
      },
      false);
}
KeyedRecord<int, int> at(std::int64_t time, int key, int value = 0) {
  return {key, value, EventTime{time}};
}
WatermarkStep watermark(std::int64_t time) { return {EventTime{time}}; }
ClockStep clock(std::int64_t time) { return {EventTime{time}}; }

/// A second record of a key takes the timer back that the first one set.
struct OneShot final : KeyedProcess<int, int, std::string> {
  Value<EventTime> timer = value<EventTime>("timer");

  void on_record(const int&) override {
    if (const auto set = timer.get()) {
      cancel_wake_at(*set);
      timer.erase();
    } else {
      emit("INPUT:" + std::to_string(key()));
      timer.set(watermark() + 5ms);
      wake_at(watermark() + 5ms);
    }
  }
  void on_timer(const Timer&) override { emit("STATE:" + std::to_string(key())); }
};

TEST(Process, TimersAndStateBelongToTheKey) {
  const auto outcome = play_all<OneShot>({watermark(1), at(0, 17), at(0, 13), watermark(2),
                                          at(1, 42), at(1, 13), watermark(6), watermark(7)});
  EXPECT_THAT(outcome.results,
              ElementsAre("INPUT:17", "INPUT:13", "INPUT:42", "STATE:17", "STATE:42"));
  EXPECT_THAT(outcome.times,
              ElementsAre(EventTime{0}, EventTime{0}, EventTime{1}, EventTime{6}, EventTime{7}));
}

/// Timers that set timers.
struct Chain final : KeyedProcess<int, int, std::string> {
  void on_record(const int&) override { wake_at(time() + 10ms, "first"); }
  void on_timer(const Timer& timer) override {
    emit(timer.name + "@" + std::to_string(time().ms()));
    if (timer.name == "first") wake_at(time() + 1ms, "second");
  }
};

TEST(Process, AllTimersThatAreDueFireInOrderBeforeTheWatermarkGoesOn) {
  const auto outcome = play_all<Chain>({at(0, 1), at(5, 2), watermark(12), watermark(20)});
  EXPECT_THAT(outcome.results, ElementsAre("first@10", "second@11", "first@15", "second@16"));
  EXPECT_THAT(outcome.results_before_watermark, ElementsAre(2U, 4U));
}

struct Ticking final : KeyedProcess<int, int, std::string> {
  void on_record(const int&) override {
    every({.interval = 100ms, .first = EventTime{50}}, "tick");
  }
  void on_timer(const Timer& timer) override { emit(timer.name + std::to_string(timer.time.ms())); }
};

TEST(Process, RepetitionFiresOncePerWatermarkAndKeepsItsGrid) {
  const auto outcome = play_all<Ticking>({at(0, 1), watermark(49), watermark(50), at(51, 1),
                                          watermark(1'051), watermark(1'052), watermark(1'150)});
  EXPECT_THAT(outcome.results, ElementsAre("tick50", "tick1051", "tick1150"));
}

struct ByClock final : KeyedProcess<int, int, std::string> {
  void on_record(const int& value) override {
    wake_at_processing_time(EventTime{value});
    if (value == 7) cancel_wake_at_processing_time(EventTime{7});
  }
  void on_timer(const Timer& timer) override {
    EXPECT_EQ(timer.kind, Timer::Kind::processing_time);
    emit(std::to_string(key()) + "@" + std::to_string(timer.time.ms()));
  }
};

TEST(Process, ProcessingTimersThatFellDueWhileDownFireAtOnce) {
  const auto outcome =
      play_all<ByClock>({at(0, 2, 30), at(0, 1, 20), at(0, 1, 7), clock(19), clock(100)});
  EXPECT_THAT(outcome.results, ElementsAre("1@20", "2@30"));
}

/// All kinds of state.
struct Keeper final : KeyedProcess<int, int, std::string> {
  struct Sum {
    int sum = 0;
    void add(int value) { sum += value; }
  };
  List<int> list_ = list<int>("list");
  Map<std::string, int> map_ = map<std::string, int>("map");
  Reducing<int> largest = reducing<int>("largest", [](int a, int b) { return a > b ? a : b; });
  Aggregating<Sum> sum = aggregating<Sum>("sum");

  void on_record(const int& record) override {
    list_.append(record);
    map_.put(record % 2 == 0 ? "even" : "odd", record);
    largest.add(record);
    sum.add(record);
    std::string text;
    for (const int element : list_.all()) text += std::to_string(element) + " ";
    map_.for_each(
        [&](const std::string& name, int value) { text += name + std::to_string(value) + " "; });
    emit(text + std::to_string(*largest.get()) + " " + std::to_string(sum.get()->sum));
  }
};

TEST(Process, EveryKindOfStateOutlivesARestart) {
  EXPECT_THAT(play_all<Keeper>({at(0, 1, 5), at(0, 2, 1), at(1, 1, 4)}).results,
              ElementsAre("5 odd5 5 5", "1 odd1 1 1", "5 4 even4 odd5 5 9"));
}

struct Relaxed final : KeyedProcess<int, int, std::string> {
  Value<int> kept = value<int>("kept", Ttl{.ttl = 100ms,
                                           .clock = TtlClock::processing,
                                           .visibility = TtlVisibility::return_if_not_cleaned});
  void on_record(const int& record) override {
    if (record > 0) return kept.set(record);
    const std::optional<int> found = kept.get();
    emit(found ? std::to_string(*found) : "nothing");
  }
};

TEST(Process, ExpiredValueIsReturnedOnceWhereThatIsAskedFor) {
  KeyedHarness<int, int> harness{make<Relaxed>()};
  auto& out = harness.probe<std::string>();
  harness.open();
  harness.push({at(0, 1, 3)});
  harness.restart();
  harness.clock(EventTime{120});
  harness.push({at(0, 1), at(0, 1)});
  EXPECT_THAT(out.values, ElementsAre("3", "nothing"));
}

const SideOutput<int> kOdd{"odd"};

struct Sorter final : KeyedProcess<int, int, std::string> {
  void on_record(const int& record) override {
    if (record % 2 != 0) return emit(kOdd, record);
    emit(std::to_string(record));
  }
};

TEST(Process, SideOutputsHaveTypesOfTheirOwn) {
  const detail::SideDeclarations sides{{"odd", 2, typeid(int), &detail::make_side_outlet<int>}};
  KeyedHarness<int, int> harness{
      [&] { return std::make_unique<detail::ProcessOperator<int, int, Sorter>>(sides); }};
  auto& out = harness.probe<std::string>();
  auto& odd = harness.probe<int>(2);
  harness.open();
  harness.push({at(0, 1, 1), at(0, 1, 2), at(0, 1, 3)});
  EXPECT_THAT(out.values, ElementsAre("2"));
  EXPECT_THAT(odd.values, ElementsAre(1, 3));
}

TEST(Process, FunctionsWillDoWhereNoClassIsNeeded) {
  const auto setup = [](auto& process) {
    auto count = process.template value<int>("count");
    process.when_due([&process, count](const Timer&) {
      process.emit(std::to_string(process.key()) + " had " + std::to_string(count.get_or(0)));
    });
    return [&process, count](const int&) {
      count.set(count.get_or(0) + 1);
      process.wake_at(EventTime{10});
    };
  };
  using P = detail::SetUpProcess<int, int, std::string, decltype(setup)>;
  KeyedHarness<int, int> harness{[&] {
    return std::make_unique<detail::ProcessOperator<int, int, P>>(detail::SideDeclarations{},
                                                                  setup);
  }};
  auto& out = harness.probe<std::string>();
  harness.open();
  harness.push({at(0, 1), at(0, 2), at(1, 1)});
  harness.restart();
  harness.watermark(EventTime{10});
  EXPECT_THAT(out.values, ElementsAre("1 had 2", "2 had 1"));
}

struct Failing final : KeyedProcess<int, int, std::string> {
  void on_record(const int& record) override {
    if (record < 0) throw std::runtime_error{"negative"};
    wake_at(EventTime{record});
  }
  void on_timer(const Timer& timer) override {
    if (timer.time == EventTime{2}) throw std::runtime_error{"two"};
    emit(std::to_string(timer.time.ms()));
  }
};

TEST(Process, PolicyDecidesAboutRecordsAndTimers) {
  KeyedHarness<int, int> harness{make<Failing>()};
  auto& out = harness.probe<std::string>();
  harness.open();
  harness.context().policy = OnError::skip();
  harness.push({at(0, 1, 1), at(0, 1, -1), at(0, 1, 2), at(0, 1, 3)});
  harness.watermark(EventTime{10});
  EXPECT_THAT(out.values, ElementsAre("1", "3"));
  EXPECT_EQ(harness.count(&detail::NodeMetrics::skipped), 2U);

  harness.context().policy = OnError::fail();
  EXPECT_THROW(harness.push({at(0, 1, -1)}), OperatorError);
}

}  // namespace
}  // namespace weir::testing
