// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/key.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// A timer that is due.
template <class K>
struct Timer {
  std::uint64_t hash = 0;
  K key;
  EventTime time;
  std::string name;
};

/// Timers of one kind of time, one per (key, time, name).
template <StreamKey K>
class TimerTable final {
 public:
  /// No effect if it is set already. A time that has passed is due at once.
  void set(std::uint64_t hash, const K& key, EventTime time, std::string_view name = {});
  /// Returns whether it was set.
  bool erase(std::uint64_t hash, const K& key, EventTime time, std::string_view name = {});
  /// Takes the next timer with time <= now, in order of (time, key bytes, name). Timers that are
  /// set in between take their place in that order.
  std::optional<Timer<K>> pop_due(EventTime now);
  /// The time of the next timer.
  std::optional<EventTime> next();
};

}  // namespace weir::inline v0::detail
