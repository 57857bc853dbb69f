// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "checkpoint/catalog.hpp"
#include "checkpoint/content.hpp"
#include "weir/commit.hpp"

namespace weir::inline v0::detail {

/// How the splits whose positions an authority commits belong to the topology.
struct AuthorityInput {
  /// Their source nodes, by name.
  std::set<std::string> sources;
  /// Of each keyed stage whose shards are partitions: the sources above it. State of the other
  /// stages belongs to no split.
  std::map<std::string, std::set<std::string>> bound;
  /// The number of the partition that a split of such a source is.
  std::function<std::uint32_t(const SplitName&)> partition_of;
};

struct CompositionOptions {
  JobIdentity job;
  AuthorityInput input;
  /// Where checkpoint and committed positions do not fit, the positions count and state is dropped.
  bool adopt_offsets = false;
};

/// What a process goes on from: perhaps parts of several checkpoints, of several instances.
struct Composition {
  /// As if one checkpoint said all of it; its topology is that of the last one. Empty: a first
  /// start, or everything was dropped.
  std::optional<CheckpointContent> content;
  /// What this instance committed last, for its participants.
  std::optional<CheckpointContent> own;
  /// Where splits start of which no checkpoint knows anything.
  std::map<SplitId, Position> starts;
  /// Every checkpoint that something was taken from.
  std::map<CheckpointPointer, CheckpointContent> used;
  /// Shards of `content` whose files are another instance's.
  std::set<ShardName> foreign;
};

/// Decides for each split what its committed position means (README, "Which checkpoint is the
/// truth"). Forgets files in the catalog that were never committed.
/// Throws: CorruptState with the ways out, where they do not fit together.
Composition compose(const CommittedState& committed, CommitAuthority& authority,
                    CheckpointCatalog& catalog, const CompositionOptions& options);

}  // namespace weir::inline v0::detail
