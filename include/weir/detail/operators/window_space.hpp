// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "weir/detail/operators/pane_grid.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0::detail {

/// The windows of a grid, or the one window of all time; each found by its start.
class WindowSpace final {
 public:
  /// One window for all time.
  WindowSpace() = default;
  explicit WindowSpace(const HoppingOptions& options) noexcept
      : grid_{PaneGrid{options, PaneGrid::Sharing::none}} {}

  IndexRange windows_of(EventTime time) const noexcept {
    if (!grid_) return {0, 0};
    return grid_->windows_of_pane(grid_->pane_of(time), time);
  }
  Window window(std::int64_t index) const noexcept {
    return grid_ ? grid_->window(index) : GlobalWindow::window();
  }
  Window window_at(EventTime start) const noexcept {
    return grid_ ? grid_->window(grid_->pane_of(start)) : GlobalWindow::window();
  }

 private:
  std::optional<PaneGrid> grid_;
};

}  // namespace weir::inline v0::detail
