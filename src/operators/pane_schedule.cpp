// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/pane_schedule.hpp"

#include <algorithm>

namespace weir::inline v0::detail {

PaneChoice PaneSchedule::choose(EventTime time, EventTime watermark) const noexcept {
  const std::int64_t pane = grid_.pane_of(time);
  const IndexRange windows = grid_.windows_of_pane(pane);
  std::int64_t open = windows.first;
  while (open <= windows.last && rules_.closes_at(grid_.window_last(open)) <= watermark) ++open;
  std::int64_t unfired = open;
  while (unfired <= windows.last && has_fired(unfired, watermark)) ++unfired;
  PaneChoice choice;
  choice.first = choice.pane = grid_.pane_start(pane);
  choice.last = grid_.pane_last(pane);
  choice.refire = {open, unfired - 1};
  choice.misses = static_cast<std::uint64_t>(open - windows.first);
  choice.is_late = open > windows.last;
  return choice;
}

std::int64_t PaneSchedule::first_unfired(EventTime watermark) const noexcept {
  if (watermark == EventTime::max()) return EventTime::max().ms();
  const EventTime next = watermark + Duration{1};
  std::int64_t window = grid_.windows_of_pane(grid_.pane_of(next)).first;
  while (has_fired(window, watermark)) ++window;
  return window;
}

std::optional<std::int64_t> PaneSchedule::next_to_fire(const std::vector<EventTime>& panes,
                                                       std::int64_t from,
                                                       EventTime watermark) const noexcept {
  const auto pane = std::partition_point(panes.begin(), panes.end(), [&](EventTime start) {
    return grid_.windows_of_pane(grid_.pane_of(start)).last < from;
  });
  if (pane == panes.end()) return std::nullopt;
  const std::int64_t window = std::max(from, grid_.windows_of_pane(grid_.pane_of(*pane)).first);
  if (!has_fired(window, watermark)) return std::nullopt;
  return window;
}

bool PaneSchedule::is_over(EventTime pane, EventTime watermark) const noexcept {
  const std::int64_t last = grid_.windows_of_pane(grid_.pane_of(pane)).last;
  return rules_.goes_at(grid_.window_last(last)) <= watermark;
}

}  // namespace weir::inline v0::detail
