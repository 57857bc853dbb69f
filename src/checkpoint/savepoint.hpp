// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "checkpoint/content.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/detail/state/key_group.hpp"

namespace weir::inline v0::detail {

/// Streams one shard's whole state, as of `base` and `deltas` of the record, in the sorted format
/// that does not depend on the backend.
using SavepointState = std::function<void(const ShardRecord& shard, const ChunkSink& sink)>;

/// The shards of `stages`, with what they have to load from a savepoint whose stages may have had
/// other numbers of shards. A shard's sections hold entries of key groups outside its range, too:
/// who loads them skips those.
///
/// Watermarks: the highest of the old shards that overlap, so that nothing that was called late is
/// on time now. Blobs: those of the old shard that held the first key group.
std::vector<ShardRecord> split_shards(const CheckpointContent& savepoint,
                                      const std::vector<StageRecord>& stages);

/// The key groups that a shard may hold: its range; all, where a foreign producer divided the keys.
KeyGroupRange key_groups_of(ShardId shard, const Partitioning& partitioning);

}  // namespace weir::inline v0::detail
