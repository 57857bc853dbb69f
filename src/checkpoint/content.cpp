// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/content.hpp"

#include <set>

#include "checkpoint/names.hpp"

namespace weir::inline v0::detail {

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
