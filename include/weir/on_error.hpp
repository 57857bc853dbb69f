// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/time.hpp"

namespace weir::inline v0 {

/// What becomes of a record that cannot be decoded, has no usable time, or makes user code throw.
struct OnError {
  enum class Action : std::uint8_t {
    fail,         ///< The attempt ends with an OperatorError; the restart policy decides.
    skip,         ///< The record is dropped and counted.
    dead_letter,  ///< The record goes to dead_letters() of the node, and is counted.
  };

  Action action = Action::fail;
  /// How often user code is tried again first, with `backoff` before each try.
  std::uint32_t retry_count_max = 0;
  Duration backoff{0};

  static constexpr OnError fail() noexcept { return {}; }
  static constexpr OnError skip() noexcept { return {.action = Action::skip}; }
  static constexpr OnError dead_letter() noexcept { return {.action = Action::dead_letter}; }
  /// The same, after `count` more tries.
  constexpr OnError after_retries(std::uint32_t count, Duration wait) const noexcept {
    OnError changed = *this;
    changed.retry_count_max = count;
    changed.backoff = wait;
    return changed;
  }
};

}  // namespace weir::inline v0
