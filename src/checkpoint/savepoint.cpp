// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/savepoint.hpp"

#include <algorithm>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/detail/state/key_group.hpp"

namespace weir::inline v0::detail {

KeyGroupRange key_groups_of(ShardId shard, const Partitioning& partitioning) {
  if (partitioning.kind != Partitioning::Kind::range) return {};
  return key_groups_of(shard.value, partitioning.shards);
}

namespace {

bool overlap(const KeyGroupRange& a, const KeyGroupRange& b) {
  return a.first < b.end && b.first < a.end;
}

/// The old shards that share key groups with a new one; where nothing has changed, itself.
std::vector<const ShardRecord*> sources_of(ShardId shard, const CheckpointContent& savepoint,
                                           const StageRecord& before, const StageRecord& now) {
  std::vector<const ShardRecord*> sources;
  for (const ShardRecord& old : savepoint.shards) {
    if (old.stage != now.name) continue;
    const bool is_source = before.partitioning == now.partitioning
                               ? old.shard == shard
                               : overlap(key_groups_of(old.shard, before.partitioning),
                                         key_groups_of(shard, now.partitioning));
    if (is_source) sources.push_back(&old);
  }
  return sources;
}

ShardRecord merge(ShardId shard, const std::vector<const ShardRecord*>& sources,
                  const StageRecord& before) {
  ShardRecord record;
  record.stage = sources.front()->stage;
  record.shard = shard;
  record.watermark = sources.front()->watermark;
  record.blobs = sources.front()->blobs;
  BaseRef base;
  for (const ShardRecord* source : sources) {
    WEIR_ASSERT(source->deltas.empty(), "stage", before.name, "shard", source->shard);
    record.watermark = std::max(record.watermark, source->watermark);
    if (!source->base) continue;
    base.cut = source->base->cut;
    base.sequence = source->base->sequence;
    base.sections.insert(base.sections.end(), source->base->sections.begin(),
                         source->base->sections.end());
  }
  if (!base.sections.empty()) record.base = std::move(base);
  return record;
}

}  // namespace

std::vector<ShardRecord> split_shards(const CheckpointContent& savepoint,
                                      const std::vector<StageRecord>& stages) {
  std::vector<ShardRecord> shards;
  for (const StageRecord& stage : stages) {
    const auto before =
        std::find_if(savepoint.topology.stages.begin(), savepoint.topology.stages.end(),
                     [&](const StageRecord& old) { return old.name == stage.name; });
    if (before == savepoint.topology.stages.end()) continue;
    for (std::uint32_t number = 0; number < stage.partitioning.shards; ++number) {
      const ShardId shard{number};
      const auto sources = sources_of(shard, savepoint, *before, stage);
      if (!sources.empty()) shards.push_back(merge(shard, sources, *before));
    }
  }
  return shards;
}

}  // namespace weir::inline v0::detail
