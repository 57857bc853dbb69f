// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// For `every()` of a keyed process.
struct PunctuationOptions {
  /// Between two firings. Positive.
  Duration interval{0};
  /// The first point of the grid first + k * interval.
  EventTime first;
};

/// Fires on a grid of times, once per advance however far time jumps.
///
///     first 50, interval 100; time reaches 49: no; 50: fires; 149: no; 1'051: fires once; 1'150:
///     fires
class WEIR_API Punctuation final {
 public:
  /// Requires: options.interval is positive.
  explicit Punctuation(const PunctuationOptions& options) noexcept
      : options_{options}, next_{options.first} {}

  /// Tells how far time has come. Returns that time if it fires.
  std::optional<EventTime> reach(EventTime time) noexcept;

  /// The time at which it fires next; max() when none is left.
  EventTime next() const noexcept { return next_; }
  /// Goes on from a stored next().
  void restore(EventTime next) noexcept { next_ = next; }

 private:
  PunctuationOptions options_;
  EventTime next_;
};

}  // namespace weir::inline v0
