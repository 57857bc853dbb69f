// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/record.hpp"
#include "weir/time.hpp"
#include "weir/trigger.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0::detail {

/// Everything that a windowed stream was told beside its windows and its aggregation.
struct WEIR_API WindowRules {
  enum class Emission : std::uint8_t { on_close, on_update, early };

  Emission emission = Emission::on_close;
  EarlyOptions early;
  Trigger trigger = at_window_end();
  bool has_trigger = false;
  bool is_discarding = false;
  bool is_late_batched = false;
  bool is_by_processing_time = false;
  Duration lateness{0};
  Duration retention{0};
  Duration rejoin{0};  ///< Sessions only.

  bool purges() const noexcept { return is_discarding || trigger.is_purging(); }
  bool fires_at_end() const noexcept {
    return emission != Emission::on_update && trigger.kind() == Trigger::Kind::event_time;
  }
  /// The plain case: one result at the end, and one more for each late record.
  bool is_plain() const noexcept {
    return emission == Emission::on_close && trigger.kind() == Trigger::Kind::event_time &&
           !is_by_processing_time;
  }
  /// From this watermark on, a window with this last millisecond accepts nothing.
  EventTime closes_at(EventTime last) const noexcept { return last + lateness; }
  /// From this watermark on, a session is nothing that others could join.
  EventTime parts_at(EventTime last) const noexcept { return last + lateness + rejoin; }
  /// From this watermark on, nothing of it is kept.
  EventTime goes_at(EventTime last) const noexcept { return last + lateness + retention; }

  std::vector<std::string> faults() const;
  /// ", lateness 5s, on update": what differs from the defaults.
  std::string describe() const;
};

/// What a window of one key remembers of its firings; part of the state.
struct FiringState {
  std::uint64_t count = 0;    ///< Records since the last firing by count.
  std::uint32_t firings = 0;  ///< Index of the next pane.
  bool has_content = false;   ///< False after a purge.
  bool is_changed = false;    ///< Holds what no result has shown.

  friend bool operator==(const FiringState&, const FiringState&) = default;
};

/// Whether a window fires now, and as what.
struct Firing {
  bool fires = false;
  PaneTiming timing = PaneTiming::on_time;
};

/// A record was added to a window with this last millisecond.
WEIR_API Firing fire_on_record(const WindowRules& rules, FiringState& state, EventTime last,
                               EventTime watermark);
/// The watermark has moved from `before` to `watermark`.
WEIR_API Firing fire_on_watermark(const WindowRules& rules, const FiringState& state,
                                  EventTime last, EventTime before, EventTime watermark);
/// Sessions became one: what they remember, together.
WEIR_API void merge_firings(FiringState& state, const FiringState& other);

/// Notes a firing, and returns which pane it is.
inline Pane take_pane(FiringState& state, PaneTiming timing) {
  state.is_changed = false;
  return {timing, state.firings++};
}

}  // namespace weir::inline v0::detail
