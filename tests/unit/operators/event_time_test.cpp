// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/event_time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "testing/operator_harness.hpp"
#include "weir/detail/operators/filter.hpp"

namespace weir {
namespace {

using detail::EventTimeOperator;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::OperatorHarness;
using testing::Refusal;

/// A record whose value is its time; negative: it has none.
std::optional<EventTime> time_of(const int& record) {
  if (record < 0) return std::nullopt;
  return EventTime{record};
}

std::unique_ptr<detail::Operator> event_time(EventTimeOptions<int> options = {}) {
  return std::make_unique<EventTimeOperator<int, decltype(&time_of)>>(&time_of, std::move(options));
}

TEST(EventTimeOperator, GivesRecordsTheirTimeAndAWatermarkPerBatch) {
  OperatorHarness<int> harness{event_time({.max_disorder = Duration{10}})};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({100, 95, 120});
  harness.push({110});
  EXPECT_THAT(out.values, ElementsAre(100, 95, 120, 110));
  EXPECT_THAT(out.times,
              ElementsAre(EventTime{100}, EventTime{95}, EventTime{120}, EventTime{110}));
  EXPECT_THAT(out.log, ElementsAre("3 records", "watermark 109", "1 records"));
  EXPECT_EQ(harness.context.split_watermark, EventTime{109});
  EXPECT_TRUE(out.origins.front().is_exact);
}

TEST(EventTimeOperator, TakesChronoTimesToTheMillisecond) {
  const auto selector = [](int n) {
    return std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{n}};
  };
  OperatorHarness<int> harness{std::make_unique<EventTimeOperator<int, decltype(selector)>>(
      selector, EventTimeOptions<int>{})};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1'999, -1});
  EXPECT_THAT(out.times, ElementsAre(EventTime{1}, EventTime{-1}));
}

TEST(EventTimeOperator, KeepsTheTimesThatRecordsBring) {
  OperatorHarness<int> harness{std::make_unique<EventTimeOperator<int, detail::OwnTime>>(
      detail::OwnTime{}, EventTimeOptions<int>{})};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({1, 2}, {EventTime{50}, EventTime{40}});
  EXPECT_THAT(out.times, ElementsAre(EventTime{50}, EventTime{40}));
  EXPECT_THAT(out.log, ElementsAre("2 records", "watermark 49"));
}

TEST(EventTimeOperator, PerRecordEachWatermarkFollowsItsRecord) {
  OperatorHarness<int> harness{event_time({.per_record = true}), Refusal::every_other};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({10, 5, 20});
  EXPECT_THAT(out.log, ElementsAre("1 records", "watermark 9", "2 records", "watermark 19"));
  EXPECT_THAT(out.times, ElementsAre(EventTime{10}, EventTime{5}, EventTime{20}));
}

TEST(EventTimeOperator, ARecordWithoutATimeIsABadRecord) {
  OperatorHarness<int> harness{event_time()};
  harness.context.policy = OnError::dead_letter();
  auto& out = harness.probe<int>();
  auto& letters = harness.probe<DeadLetter>(1);
  harness.open();
  harness.push({10, -1, 20});
  EXPECT_THAT(out.values, ElementsAre(10, 20));
  EXPECT_THAT(out.times, ElementsAre(EventTime{10}, EventTime{20}));
  ASSERT_EQ(letters.values.size(), 1U);
  EXPECT_EQ(letters.values[0].reason, "the record has no usable event time");
  EXPECT_EQ(letters.values[0].position, 101U);
}

TEST(EventTimeOperator, OfASelectionTimesStayWithTheirRecords) {
  OperatorHarness<int> harness{event_time()};
  auto& out = harness.probe<int>();
  harness.open();
  auto batch = detail::Ref<detail::OwnedBatch<int>>::adopt(new detail::OwnedBatch<int>);
  batch->values = {1, 2, 3, 4};
  const std::uint32_t selection[] = {1, 3};
  harness.push({batch.get(), batch->values.data(), nullptr, selection, 2});
  EXPECT_THAT(out.values, ElementsAre(2, 4));
  EXPECT_THAT(out.times, ElementsAre(EventTime{2}, EventTime{4}));
}

TEST(EventTimeOperator, ForgetsTheInputsWatermarksButForTheEnd) {
  OperatorHarness<int> harness{event_time()};
  auto& out = harness.probe<int>();
  harness.open();
  harness.watermark(EventTime{1'000});
  EXPECT_THAT(out.log, IsEmpty());
  harness.watermark(EventTime::max());
  harness.end();
  EXPECT_THAT(out.log, ElementsAre("watermark max", "end"));
}

TEST(EventTimeOperator, IsIdleWhenNothingWasLeftToFetchForLongEnough) {
  OperatorHarness<int> harness{event_time({.idle_after = Duration{100}})};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({10});
  out.log.clear();
  harness.clock(EventTime{1'000});
  EXPECT_THAT(out.log, IsEmpty()) << "slow is not idle";
  harness.idle(true);
  harness.clock(EventTime{1'100});
  EXPECT_THAT(out.log, IsEmpty());
  harness.clock(EventTime{1'101});
  EXPECT_THAT(out.log, ElementsAre("idle"));
  harness.push({11});
  EXPECT_THAT(out.log, ElementsAre("idle", "active", "1 records", "watermark 10"));
}

TEST(EventTimeOperator, ActivityStopsTheCountdown) {
  OperatorHarness<int> harness{event_time({.idle_after = Duration{100}})};
  auto& out = harness.probe<int>();
  harness.open();
  harness.idle(true);
  harness.idle(false);
  EXPECT_EQ(harness.code().next_wake(), std::nullopt);
  harness.clock(EventTime{5'000});
  EXPECT_THAT(out.log, IsEmpty());
}

TEST(EventTimeOperator, AfterARestoreTheWatermarkComesFirst) {
  OperatorHarness<int> harness{event_time({.max_disorder = Duration{5}})};
  harness.probe<int>();
  harness.open();
  harness.push({100});
  OperatorHarness<int> restored{event_time({.max_disorder = Duration{5}})};
  auto& out = restored.probe<int>();
  restored.open();
  restored.restore(harness.snapshot());
  restored.push({90});
  restored.push({101});
  EXPECT_THAT(out.log, ElementsAre("watermark 94", "1 records", "1 records", "watermark 95"));
}

/// Says "up to here" at each record that is a multiple of 100, and on each tick of the clock.
class Hundreds final : public WatermarkGenerator<int> {
 public:
  void on_record(const int& record, EventTime time) override {
    if (record % 100 == 0) watermark_ = time;
  }
  EventTime watermark() const override { return watermark_; }
  bool is_per_record() const override { return true; }
  std::optional<Duration> period() const override { return Duration{50}; }
  void on_clock(EventTime now) override { watermark_ = EventTime{10'000 + now.ms()}; }
  void save(ByteWriter& out) const override { out.zigzag(watermark_.ms()); }
  void load(ByteReader& in) override { watermark_ = EventTime{in.zigzag()}; }

 private:
  EventTime watermark_ = EventTime::min();
};

EventTimeOptions<int> hundreds() {
  return {.generator = [] { return std::make_unique<Hundreds>(); }};
}

TEST(WatermarkGenerator, PerRecordSeesRecordsAndCutsBatches) {
  OperatorHarness<int> harness{event_time(hundreds()), Refusal::every_other};
  auto& out = harness.probe<int>();
  harness.open();
  harness.push({101, 200, 150, 300, 301});
  EXPECT_THAT(out.log,
              ElementsAre("2 records", "watermark 200", "2 records", "watermark 300", "1 records"));
}

TEST(WatermarkGenerator, WithAPeriodIsAskedByTheClock) {
  OperatorHarness<int> harness{event_time(hundreds())};
  auto& out = harness.probe<int>();
  harness.open();
  EXPECT_EQ(harness.code().next_wake(), EventTime{50});
  harness.clock(EventTime{60});
  EXPECT_THAT(out.log, ElementsAre("watermark 10060"));
  EXPECT_EQ(harness.code().next_wake(), EventTime{110});
}

TEST(WatermarkGenerator, IsPartOfTheSnapshot) {
  OperatorHarness<int> harness{event_time(hundreds())};
  harness.probe<int>();
  harness.open();
  harness.push({200});
  OperatorHarness<int> restored{event_time(hundreds())};
  auto& out = restored.probe<int>();
  restored.open();
  restored.restore(harness.snapshot());
  restored.push({201});
  EXPECT_THAT(out.log, ElementsAre("watermark 200", "1 records"));
}

}  // namespace
}  // namespace weir
