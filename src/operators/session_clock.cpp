// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/session_clock.hpp"

namespace weir::inline v0::detail {

EventTime SessionClock::next_due(const Window& window, const FiringState& firing,
                                 EventTime at) const noexcept {
  const EventTime last = last_time(window);
  const bool waits_for_end = last > at;
  const bool has_waiting = rules_.is_late_batched && firing.is_changed;
  if (rules_.fires_at_end() && firing.has_content && (waits_for_end || has_waiting)) return last;
  return rules_.parts_at(last);
}

bool SessionClock::take_early_tick() noexcept {
  if (!next_early_ || *next_early_ > now_) return false;
  next_early_.reset();
  return true;
}

}  // namespace weir::inline v0::detail
