// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "weir/error.hpp"
#include "weir/watermarks.hpp"

namespace weir {
namespace {

const TimeUpdate kNothing{};

TimeUpdate reached(std::int64_t ms) { return {EventTime{ms}, std::nullopt}; }

TEST(WatermarkMultiplexer, DoesNotGoBackWhenAnIdleOutputWakesLow) {
  WatermarkMultiplexer multiplexer;
  (void)multiplexer.add(1);
  (void)multiplexer.add(2);
  EXPECT_EQ(multiplexer.on_watermark(1, EventTime{2}), kNothing);
  EXPECT_EQ(multiplexer.on_watermark(2, EventTime{5}), reached(2));
  EXPECT_EQ(multiplexer.on_idle(1), reached(5));
  EXPECT_EQ(multiplexer.on_watermark(1, EventTime{3}), kNothing);
  EXPECT_EQ(multiplexer.watermark(), EventTime{5});
}

TEST(WatermarkMultiplexer, IsIdleOnlyWhenAllOutputsAre) {
  WatermarkMultiplexer multiplexer;
  (void)multiplexer.add(1);
  (void)multiplexer.add(2);
  EXPECT_EQ(multiplexer.on_idle(1), kNothing);
  EXPECT_EQ(multiplexer.on_idle(2), (TimeUpdate{std::nullopt, true}));
  EXPECT_EQ(multiplexer.on_watermark(2, EventTime{1}), (TimeUpdate{EventTime{1}, false}));
}

TEST(WatermarkMultiplexer, AnOutputThatIsGoneHoldsNobodyBack) {
  WatermarkMultiplexer multiplexer;
  (void)multiplexer.add(1);
  (void)multiplexer.add(2);
  (void)multiplexer.on_watermark(1, EventTime{10});
  EXPECT_EQ(multiplexer.remove(2), reached(10));
  EXPECT_EQ(multiplexer.remove(1), kNothing);
  EXPECT_FALSE(multiplexer.is_idle()) << "without outputs there is nobody to be idle";
}

TEST(WatermarkMultiplexer, ANewOutputHoldsOthersBackButNotTheCombinedOne) {
  WatermarkMultiplexer multiplexer;
  (void)multiplexer.add(1);
  (void)multiplexer.on_watermark(1, EventTime{10});
  (void)multiplexer.add(2);
  EXPECT_EQ(multiplexer.on_watermark(1, EventTime{20}), kNothing);
  EXPECT_EQ(multiplexer.watermark(), EventTime{10});
  EXPECT_EQ(multiplexer.on_watermark(2, EventTime{15}), reached(15));
}

TEST(WatermarkMultiplexer, RefusesAnOutputThatIsThere) {
  WatermarkMultiplexer multiplexer;
  (void)multiplexer.add(1);
  EXPECT_THROW((void)multiplexer.add(1), ConfigError);
}

}  // namespace
}  // namespace weir
