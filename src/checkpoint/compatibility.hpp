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

/// Every reason why state of `before` cannot be used by `now`, each with what to do. Empty: it can.
/// Nodes may always be added. Tables are compared for nodes of which `now` knows the tables; the
/// others are checked when they are loaded.
std::vector<std::string> find_differences(const TopologyRecord& before, const TopologyRecord& now,
                                          const CompatibilityOptions& options);

/// Throws IncompatibleState with all differences, unless there are none. `what`: "checkpoint x-3".
void check_compatibility(const std::string& what, const TopologyRecord& before,
                         const TopologyRecord& now, const CompatibilityOptions& options);

/// Leaves out what belongs to stages that `topology` does not have.
void drop_removed(CheckpointContent& content, const TopologyRecord& topology);

}  // namespace weir::inline v0::detail
