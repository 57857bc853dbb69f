// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/virtual_clock.hpp"

#include <gtest/gtest.h>

namespace weir::testing {
namespace {

TEST(VirtualClock, StandsStillUntilItIsTurned) {
  VirtualClock clock{EventTime{1'000}};
  const std::int64_t before = clock.monotonic_ns();
  EXPECT_EQ(clock.now(), EventTime{1'000});
  clock.advance(Duration{250});
  EXPECT_EQ(clock.now(), EventTime{1'250});
  EXPECT_EQ(clock.monotonic_ns() - before, 250'000'000);
}

TEST(VirtualClock, CalendarMayJumpWhileNoTimeGoesBy) {
  VirtualClock clock{EventTime{1'000}};
  const std::int64_t before = clock.monotonic_ns();
  clock.set_calendar(EventTime{500});
  EXPECT_EQ(clock.now(), EventTime{500});
  EXPECT_EQ(clock.monotonic_ns(), before);
}

}  // namespace
}  // namespace weir::testing
