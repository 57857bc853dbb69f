// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/graph/typed_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "testing/operator_harness.hpp"

namespace weir {
namespace {

using detail::SourcePump;
using ::testing::ElementsAre;
using testing::Probe;

using Step = std::function<Poll(RecordBatch<int>&)>;

/// Plays steps; counts the records that they add, bad ones too.
class ScriptedReader final : public SplitReader<int> {
 public:
  explicit ScriptedReader(std::deque<Step> steps) : steps_{std::move(steps)} {}

  Poll poll(RecordBatch<int>& out, std::size_t) override {
    if (steps_.empty()) return Poll::ended;
    const Poll result = steps_.front()(out);
    steps_.pop_front();
    number_ += out.size() + out.bad().size();
    return result;
  }
  Position position() const override { return {std::to_string(number_)}; }
  std::uint64_t record_number() const override { return number_; }

 private:
  std::deque<Step> steps_;
  std::uint64_t number_ = 40;
};

struct Rig {
  explicit Rig(std::deque<Step> steps, OnError policy = {})
      : pump{std::make_unique<ScriptedReader>(std::move(steps)), "numbers",
             detail::PumpOptions{&label, &metrics, policy, nullptr}} {
    pump.connect(0, records.link());
    pump.connect(1, letters.link());
  }

  std::string label = "a.txt";
  detail::NodeMetrics metrics;
  Probe<int> records;
  Probe<DeadLetter> letters;
  SourcePump<int> pump;
};

Poll two(RecordBatch<int>& out) {
  out.push(1);
  out.push(2);
  out.add_bytes(9);
  return Poll::records;
}

Poll good_and_bad(RecordBatch<int>& out) {
  out.push(1);
  out.push_bad("x", 41, "not a number");
  out.push(2);
  return Poll::records;
}

TEST(SourcePump, PassesOnRecordsWithTheirOrigin) {
  Rig rig{{two}};
  const detail::PumpResult result = rig.pump.pump(100);
  EXPECT_EQ(result.poll, Poll::records);
  EXPECT_EQ(result.records, 2U);
  EXPECT_THAT(rig.records.values, ElementsAre(1, 2));
  EXPECT_EQ(*rig.records.origins[0].split, "a.txt");
  EXPECT_EQ(rig.records.origins[0].first_position, 40U);
  EXPECT_TRUE(rig.records.origins[0].is_exact);
  EXPECT_EQ(rig.pump.position().bytes, "42");
  EXPECT_EQ(rig.metrics.records_in.get(), 2U);
  EXPECT_EQ(rig.metrics.bytes_in.get(), 9U);
}

TEST(SourcePump, SaysWhenThereIsNothingOrNoMore) {
  Rig rig{{[](RecordBatch<int>&) { return Poll::nothing; }}};
  EXPECT_EQ(rig.pump.pump(100).poll, Poll::nothing);
  EXPECT_EQ(rig.pump.pump(100).poll, Poll::ended);
  EXPECT_TRUE(rig.records.log.empty());
}

TEST(SourcePump, LendsMemoryThatTheSourceKeeps) {
  static const int kNumbers[] = {5, 6, 7};
  Rig rig{{[](RecordBatch<int>& out) {
    out.lend(kNumbers, 3);
    return Poll::records;
  }}};
  EXPECT_EQ(rig.pump.pump(100).records, 3U);
  EXPECT_THAT(rig.records.values, ElementsAre(5, 6, 7));
}

TEST(SourcePump, KeepsTheTimesOfRecords) {
  Rig rig{{[](RecordBatch<int>& out) {
    out.push(1, EventTime{70});
    return Poll::records;
  }}};
  rig.pump.pump(100);
  EXPECT_THAT(rig.records.times, ElementsAre(EventTime{70}));
}

TEST(SourcePump, FailsAtABadRecordWithItsPosition) {
  Rig rig{{good_and_bad}};
  try {
    rig.pump.pump(100);
    FAIL() << "must throw";
  } catch (const OperatorError& error) {
    EXPECT_EQ(error.node(), "numbers");
    EXPECT_EQ(error.split(), "a.txt");
    EXPECT_EQ(error.position(), "41");
  }
  EXPECT_TRUE(rig.records.values.empty());
}

TEST(SourcePump, SkipsBadRecords) {
  Rig rig{{good_and_bad}, OnError::skip()};
  EXPECT_EQ(rig.pump.pump(100).records, 3U);
  EXPECT_THAT(rig.records.values, ElementsAre(1, 2));
  EXPECT_FALSE(rig.records.origins[0].is_exact);
  EXPECT_EQ(rig.metrics.skipped.get(), 1U);
  EXPECT_EQ(rig.metrics.undecodable.get(), 1U);
  EXPECT_EQ(rig.metrics.records_in.get(), 3U);
}

TEST(SourcePump, SendsBadRecordsAsDeadLetters) {
  Rig rig{{good_and_bad}, OnError::dead_letter()};
  rig.pump.pump(100);
  EXPECT_THAT(rig.letters.values,
              ElementsAre(DeadLetter{"x", "numbers", "a.txt", 41, "not a number"}));
  EXPECT_EQ(rig.metrics.dead_lettered.get(), 1U);
}

}  // namespace
}  // namespace weir
