// SPDX-License-Identifier: Apache-2.0
#include "weir/watermarks.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(BoundedDisorder, WatermarkIsLatestTimeLessDisorderLessOne) {
  BoundedDisorder generator{Duration{10}};
  generator.observe(EventTime{1337});
  EXPECT_EQ(generator.watermark(), EventTime{1326});
}

TEST(BoundedDisorder, SaysNothingBeforeAnyRecord) {
  EXPECT_EQ(BoundedDisorder{Duration{0}}.watermark(), EventTime::min());
  EXPECT_EQ(BoundedDisorder{Duration{10}}.watermark(), EventTime::min());
}

TEST(BoundedDisorder, AnEarlierTimeDoesNotTakeTheWatermarkBack) {
  BoundedDisorder generator{Duration{10}};
  generator.observe(EventTime{12'345});
  generator.observe(EventTime{12'300});
  EXPECT_EQ(generator.watermark(), EventTime{12'334});
}

TEST(BoundedDisorder, StopsAtTheEndOfTheRange) {
  BoundedDisorder generator{Duration{10}};
  generator.observe(EventTime::min() + Duration{5});
  EXPECT_EQ(generator.watermark(), EventTime::min());
}

TEST(IdlenessTimer, IsIdleAfterTheTimeoutWithoutActivity) {
  IdlenessTimer timer{Duration{10}};
  EXPECT_FALSE(timer.check(EventTime{0}));
  EXPECT_FALSE(timer.check(EventTime{10}));
  EXPECT_TRUE(timer.check(EventTime{11}));
}

TEST(IdlenessTimer, CountdownStartsAtTheFirstCheckAfterActivity) {
  IdlenessTimer timer{Duration{122}};
  EXPECT_FALSE(timer.check(EventTime{0}));
  EXPECT_TRUE(timer.check(EventTime{123}));
  timer.activity();
  EXPECT_FALSE(timer.check(EventTime{500}));
  EXPECT_FALSE(timer.check(EventTime{500}));
  EXPECT_TRUE(timer.check(EventTime{623}));
}

TEST(IdlenessTimer, KnowsWhenItWillBeIdle) {
  IdlenessTimer timer{Duration{10}};
  EXPECT_FALSE(timer.due().has_value());
  (void)timer.check(EventTime{5});
  ASSERT_TRUE(timer.due().has_value());
  EXPECT_FALSE(timer.check(*timer.due() - Duration{1}));
  EXPECT_TRUE(timer.check(*timer.due()));
}

}  // namespace
}  // namespace weir
