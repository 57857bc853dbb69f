// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "checkpoint/content.hpp"

namespace weir::inline v0::detail {

struct CompatibilityOptions {
  bool drop_removed_nodes = false;  ///< State of nodes that are gone is dropped, not missed.
  bool may_resplit = false;         ///< A savepoint: key ranges may be cut otherwise.
};

/// The job that wants to go on from a checkpoint, as far as stored state depends on it.
struct JobShape {
  const TopologyRecord& topology;
  std::vector<std::string> participants;  ///< Names.
};

/// Every reason why a checkpoint cannot be used by `job`, each with what to do. Empty: it can.
/// Nodes may always be added. Tables are compared for nodes of which `job` knows the tables; the
/// others are checked when they are loaded.
std::vector<std::string> find_differences(const CheckpointContent& before, const JobShape& job,
                                          const CompatibilityOptions& options);

/// Throws IncompatibleState with all differences, unless there are none. `what`: "checkpoint x-3".
void check_compatibility(const std::string& what, const CheckpointContent& before,
                         const JobShape& job, const CompatibilityOptions& options);

/// Leaves out what belongs to stages that `topology` does not have.
void drop_removed(CheckpointContent& content, const TopologyRecord& topology);

}  // namespace weir::inline v0::detail
