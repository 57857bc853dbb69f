// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/content.hpp"

#include <set>

#include "checkpoint/names.hpp"

namespace weir::inline v0::detail {

std::uint64_t ShardRecord::base_bytes() const {
  std::uint64_t sum = 0;
  if (!base) return sum;
  for (const FileRef& file : base->files) sum += file.bytes;
  for (const SectionRef& section : base->sections) sum += section.bytes;
  return sum;
}

std::uint64_t ShardRecord::delta_bytes() const {
  std::uint64_t sum = 0;
  for (const DeltaRef& delta : deltas) sum += delta.section.bytes;
  return sum;
}

Positions CheckpointContent::positions() const {
  Positions positions;
  for (const SplitRecord& split : splits) positions[split.name] = split.position;
  return positions;
}

std::vector<std::string> CheckpointContent::reach() const {
  std::set<std::string> files;
  for (const ShardRecord& shard : shards) {
    for (const DeltaRef& delta : shard.deltas) files.insert(delta.section.file);
    if (!shard.base) continue;
    for (const FileRef& file : shard.base->files) files.insert(file.name);
    for (const SectionRef& section : shard.base->sections) files.insert(section.file);
  }
  files.erase(checkpoint_file({identity.job, identity.instance}, identity.name));
  return {files.begin(), files.end()};
}

}  // namespace weir::inline v0::detail
