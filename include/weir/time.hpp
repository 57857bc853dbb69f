// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace weir::inline v0 {

/// A span of time in whole milliseconds, of event time and of processing time alike.
using Duration = std::chrono::milliseconds;

/// Adds two numbers of milliseconds; the sum stops at the ends of the range instead of wrapping.
constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

/// Subtracts two numbers of milliseconds; stops at the ends of the range instead of wrapping.
constexpr std::int64_t saturating_subtract(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

/// A point in event time (or, where a signature says so, in processing time): signed milliseconds
/// since the Unix epoch. Negative times are legal. All arithmetic saturates.
///
///     EventTime{5'000} + Duration{250} == EventTime{5'250}
///     EventTime::max() + Duration{1}   == EventTime::max()
class EventTime {
 public:
  constexpr EventTime() noexcept = default;
  constexpr explicit EventTime(std::int64_t ms_since_epoch) noexcept : ms_{ms_since_epoch} {}
  constexpr explicit EventTime(std::chrono::sys_time<Duration> time) noexcept
      : ms_{time.time_since_epoch().count()} {}

  /// Before every record: the watermark that says nothing.
  static constexpr EventTime min() noexcept {
    return EventTime{std::numeric_limits<std::int64_t>::min()};
  }
  /// After every record: the watermark at the end of all bounded input ("end of time").
  static constexpr EventTime max() noexcept {
    return EventTime{std::numeric_limits<std::int64_t>::max()};
  }

  /// Milliseconds since the epoch.
  constexpr std::int64_t ms() const noexcept { return ms_; }

  friend constexpr auto operator<=>(EventTime, EventTime) noexcept = default;

  friend constexpr EventTime operator+(EventTime time, Duration span) noexcept {
    return EventTime{saturating_add(time.ms_, span.count())};
  }
  friend constexpr EventTime operator-(EventTime time, Duration span) noexcept {
    return EventTime{saturating_subtract(time.ms_, span.count())};
  }
  friend constexpr Duration operator-(EventTime a, EventTime b) noexcept {
    return Duration{saturating_subtract(a.ms_, b.ms_)};
  }

 private:
  std::int64_t ms_ = 0;
};

/// A half-open interval of event time: [start, end).
struct Window {
  EventTime start;
  EventTime end;

  /// The time that a result of this window carries: the last millisecond that belongs to it.
  constexpr EventTime result_time() const noexcept { return end - Duration{1}; }

  friend constexpr auto operator<=>(const Window&, const Window&) noexcept = default;
};

}  // namespace weir::inline v0
