// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "weir/random.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/watermarks.hpp"

namespace weir {
namespace {

using testing::for_each_seed;
using testing::replay;

const TimeUpdate kNothing{};

TimeUpdate reached(std::int64_t ms) { return {EventTime{ms}, std::nullopt}; }

TEST(WatermarkValve, IgnoresAWatermarkThatGoesBack) {
  WatermarkValve valve{1};
  EXPECT_EQ(valve.on_watermark(0, EventTime{25}), reached(25));
  EXPECT_EQ(valve.on_watermark(0, EventTime{18}), kNothing);
  EXPECT_EQ(valve.on_watermark(0, EventTime{42}), reached(42));
}

TEST(WatermarkValve, WaitsForAWatermarkOfEveryInput) {
  WatermarkValve valve{3};
  EXPECT_EQ(valve.on_watermark(0, EventTime{0}), kNothing);
  EXPECT_EQ(valve.on_watermark(1, EventTime{0}), kNothing);
  EXPECT_EQ(valve.on_watermark(2, EventTime{0}), reached(0));
}

TEST(WatermarkValve, IsIdleWhenAllInputsAreAndWakesWithTheFirst) {
  WatermarkValve valve{2};
  EXPECT_EQ(valve.on_idle(0, false), kNothing);
  EXPECT_EQ(valve.on_idle(1, true), kNothing);
  EXPECT_EQ(valve.on_idle(0, true), (TimeUpdate{std::nullopt, true}));
  EXPECT_EQ(valve.on_idle(0, true), kNothing);
  EXPECT_EQ(valve.on_idle(1, false), (TimeUpdate{std::nullopt, false}));
  EXPECT_EQ(valve.on_idle(0, false), kNothing);
}

TEST(WatermarkValve, PassesOnTheLargestWatermarkWhenAllGoIdle) {
  WatermarkValve valve{3};
  (void)valve.on_watermark(0, EventTime{10});
  (void)valve.on_watermark(1, EventTime{5});
  EXPECT_EQ(valve.on_watermark(2, EventTime{3}), reached(3));
  EXPECT_EQ(valve.on_idle(0, true), kNothing);
  EXPECT_EQ(valve.on_idle(1, true), kNothing);
  EXPECT_EQ(valve.on_idle(2, true), (TimeUpdate{EventTime{10}, true}));
}

TEST(WatermarkValve, AnIdleInputHoldsNobodyBack) {
  WatermarkValve valve{2};
  (void)valve.on_watermark(0, EventTime{10});
  EXPECT_EQ(valve.on_watermark(1, EventTime{5}), reached(5));
  EXPECT_EQ(valve.on_idle(1, true), reached(10));
}

TEST(WatermarkValve, AWakingInputCountsWhenItHasCaughtUp) {
  WatermarkValve valve{2};
  (void)valve.on_watermark(0, EventTime{10});
  (void)valve.on_watermark(1, EventTime{5});
  (void)valve.on_idle(1, true);
  EXPECT_EQ(valve.on_idle(1, false), kNothing);
  EXPECT_EQ(valve.on_watermark(1, EventTime{7}), kNothing);
  EXPECT_EQ(valve.on_watermark(0, EventTime{20}), reached(20)) << "input 1 is not caught up";
  EXPECT_EQ(valve.on_watermark(1, EventTime{22}), kNothing);
  EXPECT_EQ(valve.on_watermark(0, EventTime{30}), reached(22)) << "now it counts";
}

TEST(WatermarkValve, IgnoresWatermarksOfIdleInputs) {
  WatermarkValve valve{1};
  (void)valve.on_watermark(0, EventTime{25});
  EXPECT_EQ(valve.on_idle(0, true), (TimeUpdate{std::nullopt, true}));
  EXPECT_EQ(valve.on_watermark(0, EventTime{50}), kNothing);
  EXPECT_EQ(valve.on_idle(0, false), (TimeUpdate{std::nullopt, false}));
  EXPECT_EQ(valve.on_watermark(0, EventTime{50}), reached(50));
}

// An ended input is not one that is infinitely far ahead: beside an idle one, time must not end.
TEST(WatermarkValve, AnEndedInputDoesNotEndTheTimeOfOthers) {
  WatermarkValve valve{2};
  (void)valve.on_watermark(1, EventTime{5});
  EXPECT_EQ(valve.on_watermark(0, EventTime::max()), reached(5));
  EXPECT_EQ(valve.on_idle(1, true), (TimeUpdate{std::nullopt, true}));
  EXPECT_EQ(valve.on_idle(1, false), (TimeUpdate{std::nullopt, false}));
  EXPECT_EQ(valve.on_watermark(1, EventTime::max()), (TimeUpdate{EventTime::max(), std::nullopt}));
}

TEST(WatermarkValve, IsTheSameAfterSaveAndLoad) {
  WatermarkValve valve{2};
  (void)valve.on_watermark(0, EventTime{10});
  (void)valve.on_watermark(1, EventTime{-5});
  (void)valve.on_idle(1, true);
  ByteWriter out;
  valve.save(out);

  WatermarkValve restored;
  ByteReader in{out.view()};
  restored.load(in);
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(restored.watermark(), EventTime{10});
  EXPECT_EQ(restored.on_idle(1, false), kNothing);
  EXPECT_EQ(restored.on_watermark(1, EventTime{4}), kNothing);
  EXPECT_EQ(restored.on_watermark(0, EventTime{11}), reached(11));
}

/// The rule in as few words as possible, with no state but what the inputs said.
struct Oracle {
  struct Input {
    std::int64_t watermark = EventTime::min().ms();
    bool is_idle = false;
    bool counts = true;
  };
  std::vector<Input> inputs;
  std::int64_t output = EventTime::min().ms();

  void settle() {
    std::int64_t lowest = EventTime::max().ms();
    std::int64_t highest = EventTime::min().ms();
    bool has_active = false;
    bool has_counting = false;
    for (const Input& input : inputs) {
      highest = std::max(highest, input.watermark);
      has_active |= !input.is_idle;
      if (input.is_idle || !input.counts) continue;
      has_counting = true;
      lowest = std::min(lowest, input.watermark);
    }
    if (!has_active) output = std::max(output, highest);
    if (has_counting) output = std::max(output, lowest);
  }
};

TEST(WatermarkValve, FollowsTheRuleInAnyOrderOfEvents) {
  for_each_seed(50, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    Random random{seed};
    const std::size_t count = 1 + random.below(4);
    WatermarkValve valve{count};
    Oracle oracle;
    oracle.inputs.resize(count);
    for (int step = 0; step < 300; ++step) {
      const std::size_t at = random.below(count);
      Oracle::Input& input = oracle.inputs[at];
      const EventTime before = valve.watermark();
      if (random.chance(0.6)) {
        const std::int64_t ms = random.between(-20, step);
        (void)valve.on_watermark(at, EventTime{ms});
        if (!input.is_idle && ms > input.watermark) {
          input.watermark = ms;
          input.counts |= ms >= oracle.output;
        }
      } else {
        const bool is_idle = random.chance(0.5);
        (void)valve.on_idle(at, is_idle);
        if (input.is_idle != is_idle) {
          input.is_idle = is_idle;
          input.counts = !is_idle && input.watermark >= oracle.output;
        }
      }
      oracle.settle();
      ASSERT_GE(valve.watermark(), before);
      ASSERT_EQ(valve.watermark().ms(), oracle.output) << "step " << step;
      const bool all_idle = std::all_of(oracle.inputs.begin(), oracle.inputs.end(),
                                        [](const auto& one) { return one.is_idle; });
      ASSERT_EQ(valve.is_idle(), all_idle);
    }
  });
}

}  // namespace
}  // namespace weir
