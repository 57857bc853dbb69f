// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/export.hpp"
#include "weir/time.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0::detail {

/// Numbers of windows or panes, first to last; none when last < first.
struct IndexRange {
  std::int64_t first = 0;
  std::int64_t last = -1;
};

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}
constexpr std::int64_t floor_remainder(std::int64_t a, std::int64_t b) noexcept {
  return a % b < 0 ? a % b + b : a % b;
}

/// The grid of windows, and the finer one of panes that windows are made of.
///
/// Windows and panes have numbers, which are exact; their bounds in time are computed and stop at
/// the ends of the range. Window i has the panes first_pane(i) .. first_pane(i) + panes() - 1.
class WEIR_API PaneGrid final {
 public:
  enum class Sharing : std::uint8_t {
    panes,  ///< A pane is as long as gcd(size, every).
    none,   ///< Every window is its own pane; a record goes to all of its windows.
  };

  /// Requires: size and every are positive.
  PaneGrid(const HoppingOptions& options, Sharing sharing) noexcept;

  bool is_shared() const noexcept { return is_shared_; }
  std::int64_t panes() const noexcept { return panes_; }

  /// The last pane that begins at or before `time`.
  std::int64_t pane_of(EventTime time) const noexcept {
    const std::int64_t index = floor_divide(time.ms(), step_);
    return floor_remainder(time.ms(), step_) < offset_ ? index - 1 : index;
  }
  EventTime pane_start(std::int64_t pane) const noexcept { return at(pane, 0); }
  /// The last millisecond of a pane, as far as panes follow one another.
  EventTime pane_last(std::int64_t pane) const noexcept { return at(pane, step_ - 1); }

  std::int64_t first_pane(std::int64_t window) const noexcept {
    std::int64_t pane = 0;
    if (__builtin_mul_overflow(window, steps_, &pane)) {
      return window < 0 ? EventTime::min().ms() : EventTime::max().ms();
    }
    return saturating_add(pane, shift_);
  }
  /// Windows that a record of this pane and time belongs to.
  IndexRange windows_of_pane(std::int64_t pane, EventTime time) const noexcept;
  /// Windows that hold a whole pane. Requires: is_shared().
  IndexRange windows_of_pane(std::int64_t pane) const noexcept;

  Window window(std::int64_t index) const noexcept;
  /// The last millisecond of a window: it closes when the watermark reaches it.
  EventTime window_last(std::int64_t index) const noexcept;

 private:
  /// offset_ + index * step_ + more, without overflow on the way.
  EventTime at(std::int64_t index, std::int64_t more) const noexcept;

  std::int64_t size_;
  std::int64_t step_;    ///< Between two panes.
  std::int64_t offset_;  ///< Of pane 0: 0 <= offset_ < step_.
  std::int64_t steps_;   ///< Panes from one window to the next.
  std::int64_t panes_;   ///< Panes of a window.
  std::int64_t shift_;   ///< First pane of window 0.
  bool is_shared_;
};

}  // namespace weir::inline v0::detail
