// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "weir/clock.hpp"

namespace weir::inline v0 {

EventTime SystemClock::now() const {
  return EventTime{std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
}

std::int64_t SystemClock::monotonic_ns() const {
  const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count();
}

}  // namespace weir::inline v0
