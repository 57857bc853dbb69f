// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>

#include "weir/clock.hpp"

namespace weir {
namespace {

TEST(SystemClock, NeverGoesBack) {
  const SystemClock clock;
  std::int64_t last = clock.monotonic_ns();
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t now = clock.monotonic_ns();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, KnowsTheCentury) {
  const SystemClock clock;
  EXPECT_GT(clock.now(), EventTime{1'577'836'800'000});  // 2020
  EXPECT_LT(clock.now(), EventTime{4'102'444'800'000});  // 2100
}

}  // namespace
}  // namespace weir
