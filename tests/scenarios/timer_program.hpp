// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

namespace scenarios {

/// A moment: a base and a distance, as in "watermark+5".
struct Moment {
  enum class Base : std::uint8_t { zero, watermark, processing_time, own_time };
  Base base = Base::zero;
  std::int64_t distance = 0;
};

struct TimerAction {
  enum class Kind : std::uint8_t { emit, remember, forget, set_timer, delete_timer };
  Kind kind = Kind::emit;
  /// Of emit: words to put together, "key" and the like standing for what is at hand.
  std::vector<std::string> words;
  bool is_event_time = true;
  std::optional<Moment> at;  ///< Of timers; nullopt: the one that was set.
};

/// What a process function does, as a scenario describes it:
///
///     first record of a key: emit INPUT:key, remember it, set an event timer at watermark+5;
///     second record of the key: clear, delete the timer; timer: emit STATE:key
///
/// A record is the first while nothing is remembered for its key.
struct TimerProgram {
  std::vector<TimerAction> first;   ///< For the first record of a key.
  std::vector<TimerAction> second;  ///< For one that comes while something is remembered.
  std::vector<TimerAction> due;     ///< When a timer is due.
};

/// Throws: BadScenario for words that are not understood.
TimerProgram parse_timer_program(const std::string& text);

}  // namespace scenarios
