// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "weir/clock.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::testing {

/// A clock that stands still until it is turned by hand.
///
///     VirtualClock clock{EventTime{1'000}};
///     clock.advance(250ms);
///     clock.now() == EventTime{1'250}
///
/// Thread safety: any thread.
class WEIR_API VirtualClock final : public Clock {
 public:
  /// Starts at a date in 2024 unless told otherwise: code that takes 0 for "never" shows.
  explicit VirtualClock(EventTime start = EventTime{1'717'200'000'000}) noexcept
      : now_ms_{start.ms()} {}

  EventTime now() const override { return EventTime{now_ms_.load()}; }
  std::int64_t monotonic_ns() const override { return elapsed_ms_.load() * 1'000'000 + 1; }

  /// Time goes by. Requires: span >= 0.
  void advance(Duration span) noexcept {
    elapsed_ms_ += span.count();
    now_ms_ += span.count();
  }
  /// Somebody sets the machine's calendar, forwards or back; no time goes by.
  void set_calendar(EventTime now) noexcept { now_ms_ = now.ms(); }

 private:
  std::atomic<std::int64_t> now_ms_;
  std::atomic<std::int64_t> elapsed_ms_{0};
};

}  // namespace weir::inline v0::testing
