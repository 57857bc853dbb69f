// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/detail/graph/node.hpp"
#include "weir/export.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0::detail {

/// Everything between two exchanges. Every task of a stage has an operator for each node in it.
struct PlanStage {
  StageId id;
  /// The name that checkpoints know the stage by: its source's, or its first key_by's.
  std::string name;
  /// Set for a source stage: index of the source node. Its tasks are the source's splits.
  std::optional<std::size_t> source;
  /// Of a keyed stage: how many tasks, fixed for the life of its state. Of one that is bound to
  /// partitions: as many as there are, once bind_partitions() has asked; this process has the
  /// tasks whose partitions it reads.
  std::uint32_t shards = 0;
  KeyPlacement placement = KeyPlacement::exchange;
  std::string topic;  ///< Whose partitions the shards are.
  /// Of a source stage that writes to a repartition topic, by way of bind_partitions(): the number
  /// of its splits in all processes, where they are partitions; else 0.
  std::uint32_t partitions = 0;
  /// key_by nodes whose receivers are the entries of this stage.
  std::vector<std::size_t> entries;
  /// Nodes with an operator here, inputs before consumers: transforms, keyed nodes, sinks, senders.
  std::vector<std::size_t> nodes;

  bool is_keyed() const noexcept { return !source.has_value(); }
  /// Whether shard p gets everything from task p of the stages before it, without an exchange.
  bool is_bound() const noexcept { return is_keyed() && placement != KeyPlacement::exchange; }
};

/// A way over an exchange: the sender of a key_by in one stage to the stage that it feeds.
struct PlanEdge {
  std::size_t key_by = 0;  ///< Node index.
  StageId from;
  StageId to;
};

/// The topology cut into stages at every exchange.
struct WEIR_API Plan {
  std::vector<PlanStage> stages;  ///< Indexed by StageId.
  std::vector<PlanEdge> edges;

  /// Edges that leave a stage, in the order of `edges`.
  std::vector<std::size_t> edges_from(StageId stage) const;
  std::vector<std::size_t> edges_to(StageId stage) const;
};

/// Cuts a closed, valid graph into stages. `default_shards` is for keyed stages that ask for none.
/// Throws ConfigError when nodes that share a stage ask for different numbers of shards, and for
/// keyed_by_partition() where no partitions are.
WEIR_API Plan make_plan(const Graph& graph, std::uint32_t default_shards);

}  // namespace weir::inline v0::detail
