// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/pane_grid.hpp"

#include <limits>
#include <numeric>

namespace weir::inline v0::detail {
namespace {

__extension__ using Wide = __int128;

std::int64_t clamp(Wide value) noexcept {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (value < kMin) return kMin;
  return value > kMax ? kMax : static_cast<std::int64_t>(value);
}

}  // namespace

PaneGrid::PaneGrid(const HoppingOptions& options, Sharing sharing) noexcept
    : size_{options.size.count()},
      step_{sharing == Sharing::panes ? std::gcd(options.size.count(), options.every.count())
                                      : options.every.count()},
      offset_{floor_remainder(options.offset.count(), step_)},
      steps_{options.every.count() / step_},
      panes_{sharing == Sharing::panes ? options.size.count() / step_ : 1},
      shift_{(floor_remainder(options.offset.count(), options.every.count()) - offset_) / step_},
      is_shared_{sharing == Sharing::panes} {}

EventTime PaneGrid::at(std::int64_t index, std::int64_t more) const noexcept {
  return EventTime{clamp(Wide{index} * step_ + offset_ + more)};
}

IndexRange PaneGrid::windows_of_pane(std::int64_t pane) const noexcept {
  // Window i holds the pane iff first_pane(i) <= pane < first_pane(i) + panes_.
  const std::int64_t beyond = saturating_subtract(pane, shift_);
  return {floor_divide(saturating_subtract(beyond, panes_), steps_) + 1,
          floor_divide(beyond, steps_)};
}

IndexRange PaneGrid::windows_of_pane(std::int64_t pane, EventTime time) const noexcept {
  if (is_shared_) return windows_of_pane(pane);
  // Going back from the last window that starts in time, as long as windows reach `time`.
  const Wide into_last = Wide{time.ms()} - (Wide{pane} * step_ + offset_);
  const Wide windows_reaching = (Wide{size_} - into_last + step_ - 1) / step_;
  if (into_last >= size_) return {pane, pane - 1};
  return {clamp(Wide{pane} - windows_reaching + 1), pane};
}

Window PaneGrid::window(std::int64_t index) const noexcept {
  const std::int64_t pane = first_pane(index);
  return {at(pane, 0), at(pane, size_)};
}

EventTime PaneGrid::window_last(std::int64_t index) const noexcept {
  return at(first_pane(index), size_ - 1);
}

}  // namespace weir::inline v0::detail
