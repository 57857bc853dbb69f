// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "checkpoint/content.hpp"
#include "weir/job_options.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// A checkpoint file in the storage, and the other files that restoring it needs.
struct StoredCheckpoint {
  std::string file;
  CheckpointIdentity identity;
  std::vector<std::string> reach;
};

/// How many checkpoints stay.
struct RetentionRules {
  std::uint32_t count = 2;            ///< The last ones. At least 1.
  std::vector<RetentionStep> ladder;  ///< Of each span `every` the last one, for `keep`.
};

/// The checkpoints that are kept, as a subset of `committed` (ordered by sequence).
std::vector<const StoredCheckpoint*> kept_checkpoints(
    const std::vector<StoredCheckpoint>& committed, const RetentionRules& rules, EventTime now);

/// Every file that the kept ones need, their own included.
std::set<std::string> reachable_files(const std::vector<const StoredCheckpoint*>& kept);

}  // namespace weir::inline v0::detail
