// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace weir::inline v0::detail {

/// Bytes of one shard's state in memory.
struct StateMemory {
  std::uint64_t tables = 0;   ///< All tables, with what follows.
  std::uint64_t dirty = 0;    ///< Of that: entries changed since the last barrier.
  std::uint64_t frozen = 0;   ///< Of that: entries whose last delta is not in the store yet.
  std::uint64_t buffers = 0;  ///< Deltas that wait.
  std::uint64_t total() const noexcept { return tables + buffers; }
};

/// All tables of one shard.
class ShardState;

}  // namespace weir::inline v0::detail
