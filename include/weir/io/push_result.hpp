// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace weir::inline v0::io {

/// What became of a pushed record.
enum class PushResult : std::uint8_t {
  pushed,   ///< It is in the queue. With a position that came before: it was dropped as known.
  full,     ///< There was no room in time; the record is untouched.
  closed,   ///< Nothing is taken any more: close(), or the job has ended. Untouched.
  rewound,  ///< The job went back to a checkpoint: push again all that follows last_committed().
            ///< Said once, instead of taking the record.
};

}  // namespace weir::inline v0::io
