// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/sweep_plan.hpp"

#include <algorithm>

namespace weir::inline v0::detail {

void SweepPlan::set_now(EventTime now) noexcept {
  now_ = std::max(now_, now);
  if (rules_.is_by_processing_time) now_ = std::max(now_, horizon_ + Duration{1});
}

void SweepPlan::add_change(EventTime start) {
  changed_.insert(start);
  last_change_ = start;
  if (rules_.early.every > Duration{0} && !next_early_) next_early_ = now_ + rules_.early.every;
}

SweptWindow SweepPlan::swept(EventTime start, SweptWindow::Reason reason,
                             EventTime horizon) const noexcept {
  const Window window = space_.window_at(start);
  return {window, reason, horizon_, horizon, rules_.goes_at(last_time(window)) <= horizon};
}

std::vector<SweptWindow> SweepPlan::plan_horizon(const std::vector<EventTime>& starts,
                                                 EventTime horizon) {
  std::vector<SweptWindow> plan;
  for (const EventTime start : starts) {
    const EventTime last = last_at(start);
    if (last > horizon) break;  // Windows are as long as one another: by start is by end.
    const bool closes = last > horizon_ && rules_.fires_at_end();
    const bool has_waiting = rules_.is_late_batched && changed_.count(start) > 0;
    const SweptWindow window = swept(start, SweptWindow::Reason::horizon, horizon);
    if (closes || has_waiting || window.goes) plan.push_back(window);
    if (window.goes || !fires_by_clock()) changed_.erase(start);
  }
  last_change_.reset();
  return plan;
}

std::vector<SweptWindow> SweepPlan::plan_clock() {
  std::vector<SweptWindow> plan;
  last_change_.reset();
  if (next_early_ && *next_early_ <= now_) {
    next_early_.reset();
    for (const EventTime start : changed_) {
      if (last_at(start) > horizon_) {
        plan.push_back(swept(start, SweptWindow::Reason::early, horizon_));
      }
    }
    if (!rules_.is_late_batched) changed_.clear();
  }
  if (!fires_by_clock()) return plan;
  while (!changed_.empty() && last_at(*changed_.begin()) < now_) {
    plan.push_back(swept(*changed_.begin(), SweptWindow::Reason::clock, horizon_));
    changed_.erase(changed_.begin());
  }
  return plan;
}

std::optional<EventTime> SweepPlan::wake_at(const std::vector<EventTime>& starts) const {
  if (rules_.is_by_processing_time) {
    if (starts.empty()) return std::nullopt;
    const EventTime last = last_at(starts.front());
    return (last > horizon_ ? last : rules_.goes_at(last)) + Duration{1};
  }
  std::optional<EventTime> wake = next_early_;
  if (fires_by_clock() && !changed_.empty()) {
    const EventTime end = last_at(*changed_.begin()) + Duration{1};
    if (!wake || end < *wake) wake = end;
  }
  return wake;
}

void SweepPlan::save(ByteWriter& out) const { out.zigzag(horizon_.ms()); }

void SweepPlan::load(ByteReader& in, const std::vector<EventTime>& starts) {
  horizon_ = EventTime{in.zigzag()};
  if (!is_noting_changes()) return;
  changed_.insert(starts.begin(), starts.end());
  if (rules_.early.every > Duration{0} && !starts.empty()) next_early_ = EventTime::min();
}

}  // namespace weir::inline v0::detail
