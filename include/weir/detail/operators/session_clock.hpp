// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "weir/bytes.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// Time as a SessionWindow sees it.
///
/// The horizon is the watermark, or, by processing time, the clock - 1: what came by it is done.
class WEIR_API SessionClock final {
 public:
  explicit SessionClock(const WindowRules& rules) : rules_{rules} {}

  const WindowRules& rules() const noexcept { return rules_; }
  EventTime horizon() const noexcept { return horizon_; }
  EventTime now() const noexcept { return now_; }
  void set_horizon(EventTime horizon) noexcept { horizon_ = horizon; }
  /// The clock as it counts here: it never goes back.
  void set_now(EventTime now) noexcept {
    now_ = std::max(now_, now);
    if (rules_.is_by_processing_time) now_ = std::max(now_, horizon_ + Duration{1});
  }
  bool needs_clock() const noexcept { return rules_.is_by_processing_time || has_early_ticks(); }
  bool has_early_ticks() const noexcept { return rules_.early.every > Duration{0}; }
  bool fires_by_clock() const noexcept {
    return rules_.trigger.kind() == Trigger::Kind::processing_time;
  }

  bool is_closed(const Window& window, EventTime at) const noexcept {
    return rules_.closes_at(last_time(window)) <= at;
  }
  bool is_over(const Window& window, EventTime at) const noexcept {
    return rules_.parts_at(last_time(window)) <= at;
  }
  /// When something is due for a session, seen at time `at`.
  EventTime next_due(const Window& window, const FiringState& firing, EventTime at) const noexcept;

  // Early results by the clock.
  void note_change() noexcept {
    if (!next_early_) next_early_ = now_ + rules_.early.every;
  }
  /// Returns whether early results are due now; then they are not any more.
  bool take_early_tick() noexcept;
  const std::optional<EventTime>& next_early() const noexcept { return next_early_; }
  /// After a restore: at the next chance.
  void expect_early_tick() noexcept { next_early_ = EventTime::min(); }

  void save(ByteWriter& out) const { out.zigzag(horizon_.ms()); }
  void load(ByteReader& in) { horizon_ = EventTime{in.zigzag()}; }

 private:
  const WindowRules rules_;
  EventTime horizon_ = EventTime::min();
  EventTime now_ = EventTime::min();
  std::optional<EventTime> next_early_;  // Set while something has changed.
};

}  // namespace weir::inline v0::detail
