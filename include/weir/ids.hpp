// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace weir::inline v0 {

/// The number of a checkpoint within its timeline: 1, 2, 3, ...
struct CheckpointId {
  std::uint64_t value = 0;
  friend auto operator<=>(const CheckpointId&, const CheckpointId&) = default;
};

/// A node of the topology: a hash of its name, so that it stays the same when nodes are added.
struct NodeId {
  std::uint32_t value = 0;
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

/// A stage of the plan: everything between two exchanges.
struct StageId {
  std::uint32_t value = 0;
  friend auto operator<=>(const StageId&, const StageId&) = default;
};

/// One shard of a keyed stage: 0 up to the stage's number of shards.
struct ShardId {
  std::uint32_t value = 0;
  friend auto operator<=>(const ShardId&, const ShardId&) = default;
};

/// The name of one ordered part of a source: a file, a partition, a range. Stable across restarts.
struct SplitId {
  std::string value;
  friend auto operator<=>(const SplitId&, const SplitId&) = default;
};

/// A place in a split, in a form that its source alone understands; what a checkpoint stores.
struct Position {
  std::string bytes;
  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace weir::inline v0
