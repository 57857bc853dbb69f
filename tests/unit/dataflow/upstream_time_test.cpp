// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/upstream_time.hpp"

#include <gtest/gtest.h>

namespace weir::inline v0::detail {
namespace {

TaskTime at(std::uint32_t number, std::uint32_t count, std::int64_t ms, std::uint64_t epoch = 1) {
  return {{"clicks", number, count}, epoch, EventTime{ms}, false, false};
}
TaskTime idle(std::uint32_t number, std::uint32_t count, std::int64_t ms) {
  TaskTime time = at(number, count, ms);
  time.is_idle = true;
  return time;
}
TaskTime ended(std::uint32_t number, std::uint32_t count, const std::string& stage = "clicks") {
  return {{stage, number, count}, 1, EventTime::max(), false, true};
}

UpstreamTime restarted(const UpstreamTime& time, const std::vector<std::string>& stages) {
  ByteWriter out;
  time.save(out);
  UpstreamTime again{stages};
  ByteReader in{out.view()};
  again.load(in);
  EXPECT_TRUE(in.empty());
  return again;
}

TEST(UpstreamTime, HasNoWatermarkBeforeAllTasksOfAllStagesWereHeard) {
  UpstreamTime time{{"clicks", "orders"}};
  time.apply(at(0, 2, 10));
  time.apply(at(1, 2, 20));
  EXPECT_EQ(time.watermark(), EventTime::min());
  time.apply({{"orders", 0, 1}, 1, EventTime{15}, false, false});
  EXPECT_EQ(time.watermark(), EventTime{10});
}

TEST(UpstreamTime, KnowsHowManyTasksThereAreFromTheFirstThatItHears) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(2, 3, 10));
  time.apply(at(0, 3, 10));
  EXPECT_EQ(time.watermark(), EventTime::min());
  time.apply(at(1, 3, 7));
  EXPECT_EQ(time.watermark(), EventTime{7});
}

TEST(UpstreamTime, WhatALowerEpochSaysLaterCountsForNothing) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(0, 1, 10, 5));
  time.apply(at(0, 1, 99, 4));
  EXPECT_EQ(time.watermark(), EventTime{10});
  time.apply(at(0, 1, 20, 6));
  EXPECT_EQ(time.watermark(), EventTime{20});
}

TEST(UpstreamTime, TaskOfAHigherEpochStartsAnewAndTimeDoesNotGoBack) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(0, 2, 10));
  time.apply(at(1, 2, 30));
  time.apply(at(1, 2, 5, 2));  // It says less than before: it holds time back.
  time.apply(at(0, 2, 50));
  EXPECT_EQ(time.watermark(), EventTime{10});
  time.apply(at(1, 2, 40, 2));
  EXPECT_EQ(time.watermark(), EventTime{40});
}

TEST(UpstreamTime, IdleTaskHoldsNobodyBack) {
  UpstreamTime time{{"clicks"}};
  time.apply(idle(0, 2, 3));
  time.apply(at(1, 2, 30));
  EXPECT_EQ(time.watermark(), EventTime{30});
  EXPECT_FALSE(time.is_idle());
  time.apply(idle(1, 2, 35));
  EXPECT_EQ(time.watermark(), EventTime{35});
  EXPECT_TRUE(time.is_idle());
}

TEST(UpstreamTime, EndsWhenEveryTaskOfEveryStageHas) {
  UpstreamTime time{{"clicks", "orders"}};
  time.apply(ended(0, 2));
  time.apply(ended(1, 2));
  EXPECT_FALSE(time.has_ended());
  time.apply(ended(0, 1, "orders"));
  EXPECT_TRUE(time.has_ended());
  EXPECT_EQ(time.watermark(), EventTime::max());
}

TEST(UpstreamTime, TopicThatHasGrownHoldsTimeBackUntilItsNewTasksAreHeard) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(0, 1, 10));
  time.apply(at(0, 2, 20, 2));
  EXPECT_EQ(time.watermark(), EventTime{10});
  time.apply(at(1, 2, 15, 2));
  EXPECT_EQ(time.watermark(), EventTime{15});
}

TEST(UpstreamTime, TasksThatAreGoneHoldNobodyBack) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(0, 2, 10));
  time.apply(at(1, 2, 10));
  time.apply(at(0, 1, 20, 2));
  EXPECT_EQ(time.watermark(), EventTime{20});
}

TEST(UpstreamTime, StageThatDoesNotWriteAnyMoreIsIgnored) {
  UpstreamTime time{{"clicks"}};
  time.apply(ended(0, 1, "gone"));
  EXPECT_FALSE(time.has_ended());
}

TEST(UpstreamTime, RestartKnowsWhatWasHeardAndWhatWasNot) {
  UpstreamTime time{{"clicks", "orders"}};
  time.apply(at(0, 2, 10, 7));
  const UpstreamTime unheard = restarted(time, {"clicks", "orders"});
  EXPECT_EQ(unheard.watermark(), EventTime::min());

  time.apply(at(1, 2, 20));
  time.apply(ended(0, 1, "orders"));
  EXPECT_EQ(time.watermark(), EventTime{10});
  UpstreamTime again = restarted(time, {"clicks", "orders"});
  EXPECT_EQ(again.watermark(), EventTime{10});
  again.apply(at(0, 2, 99, 6));  // Of an epoch that was over before the restart.
  EXPECT_EQ(again.watermark(), EventTime{10});
  again.apply(at(0, 2, 15, 7));
  EXPECT_EQ(again.watermark(), EventTime{15});
}

TEST(UpstreamTime, StageThatIsNewAfterARestartHoldsTimeBack) {
  UpstreamTime time{{"clicks"}};
  time.apply(at(0, 1, 10));
  UpstreamTime again = restarted(time, {"clicks", "orders"});
  again.apply(at(0, 1, 20));
  EXPECT_EQ(again.watermark(), EventTime{10});
  again.apply({{"orders", 0, 1}, 1, EventTime{30}, false, false});
  again.apply(at(0, 1, 25));
  EXPECT_EQ(again.watermark(), EventTime{25});
}

}  // namespace
}  // namespace weir::inline v0::detail
