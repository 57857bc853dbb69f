// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "weir/detail/operators/pane_grid.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What becomes of the records of one pane, at one watermark.
struct PaneChoice {
  EventTime first;  ///< Of the times that belong to the pane.
  EventTime last;
  EventTime pane;            ///< What its table is found by: `first`.
  IndexRange refire;         ///< Windows that have fired and still accept.
  std::uint64_t misses = 0;  ///< Windows that are closed.
  bool is_late = false;      ///< All are.

  bool holds(EventTime time) const noexcept { return first <= time && time <= last; }
};

/// Which windows fire when, and what is kept until when, over panes that are shared by windows.
class WEIR_API PaneSchedule final {
 public:
  /// Requires: size >= every > 0.
  PaneSchedule(const HoppingOptions& options, const WindowRules& rules) noexcept
      : grid_{options, PaneGrid::Sharing::panes}, rules_{rules} {}

  const PaneGrid& grid() const noexcept { return grid_; }
  const WindowRules& rules() const noexcept { return rules_; }

  PaneChoice choose(EventTime time, EventTime watermark) const noexcept;

  /// The first window, from `from` on, that holds one of these panes (sorted) and whose end the
  /// watermark has reached. However far time jumps, every window with a pane comes up.
  std::optional<std::int64_t> next_to_fire(const std::vector<EventTime>& panes, std::int64_t from,
                                           EventTime watermark) const noexcept;
  /// The first window that had not fired at this watermark.
  std::int64_t first_unfired(EventTime watermark) const noexcept;
  /// Whether no window needs this pane any more.
  bool is_over(EventTime pane, EventTime watermark) const noexcept;

  /// The panes of a window, as their tables are found.
  EventTime pane_of_window(std::int64_t window, std::int64_t number) const noexcept {
    return grid_.pane_start(saturating_add(grid_.first_pane(window), number));
  }

 private:
  bool has_fired(std::int64_t window, EventTime watermark) const noexcept {
    return grid_.window_last(window) <= watermark;
  }

  PaneGrid grid_;
  WindowRules rules_;
};

}  // namespace weir::inline v0::detail
