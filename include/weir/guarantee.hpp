// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace weir::inline v0 {

/// How often a record shows in the output, whatever crashes.
enum class Guarantee : std::uint8_t {
  at_most_once,   ///< No replay: records under way at a crash are lost.
  at_least_once,  ///< Replay from the last checkpoint: records may show twice.
  exactly_once,   ///< Replay, with output that is committed together with the checkpoint.
};

}  // namespace weir::inline v0
