// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/detail/operators/window_space.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// A window that has to be looked through, and why.
struct SweptWindow {
  enum class Reason : std::uint8_t {
    horizon,  ///< It closes, has late records that waited, or goes.
    early,    ///< Early results are due.
    clock,    ///< The machine's clock has passed its end.
  };

  Window window;
  Reason reason = Reason::horizon;
  EventTime before;   ///< The horizon before this sweep.
  EventTime horizon;  ///< The horizon that it leads to.
  bool goes = false;  ///< Its table is dropped afterwards.
};

/// Time as a TriggeredWindow sees it: which of its windows to look through, and when.
class WEIR_API SweepPlan final {
 public:
  SweepPlan(const WindowSpace& space, const WindowRules& rules) : space_{space}, rules_{rules} {}

  const WindowRules& rules() const noexcept { return rules_; }
  EventTime horizon() const noexcept { return horizon_; }
  EventTime now() const noexcept { return now_; }
  bool is_closed(const Window& window) const noexcept {
    return rules_.closes_at(last_time(window)) <= horizon_;
  }
  /// Whether records need to know what the clock says.
  bool needs_clock() const noexcept {
    return rules_.is_by_processing_time || rules_.early.every > Duration{0};
  }

  void open(EventTime horizon) noexcept { horizon_ = horizon; }
  void set_horizon(EventTime horizon) noexcept { horizon_ = horizon; }
  /// The clock as it counts here: it never goes back.
  void set_now(EventTime now) noexcept;
  void note_change(EventTime start) {
    if (is_noting_changes() && last_change_ != start) add_change(start);
  }

  /// Windows to look through until `horizon`, by end, then start.
  std::vector<SweptWindow> plan_horizon(const std::vector<EventTime>& starts, EventTime horizon);
  /// Windows to look through now.
  std::vector<SweptWindow> plan_clock();
  /// When the clock matters next.
  std::optional<EventTime> wake_at(const std::vector<EventTime>& starts) const;

  void save(ByteWriter& out) const;
  /// `starts`: windows that were restored; each of them may have changed.
  void load(ByteReader& in, const std::vector<EventTime>& starts);

 private:
  bool fires_by_clock() const noexcept {
    return rules_.trigger.kind() == Trigger::Kind::processing_time;
  }
  bool is_noting_changes() const noexcept {
    return rules_.is_late_batched || rules_.early.every > Duration{0} || fires_by_clock();
  }
  void add_change(EventTime start);
  EventTime last_at(EventTime start) const noexcept { return last_time(space_.window_at(start)); }
  SweptWindow swept(EventTime start, SweptWindow::Reason reason, EventTime horizon) const noexcept;

  const WindowSpace space_;
  const WindowRules rules_;
  EventTime horizon_ = EventTime::min();
  EventTime now_ = EventTime::min();
  std::set<EventTime> changed_;
  std::optional<EventTime> last_change_;  // What was noted last, for runs of records.
  std::optional<EventTime> next_early_;   // Set while something has changed.
};

}  // namespace weir::inline v0::detail
