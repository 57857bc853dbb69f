// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/commit.hpp"
#include "weir/ids.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What operators of one task keep beside their tables, by node.
using Blobs = std::map<NodeId, std::string>;

/// One table of a node: its name, and the codec fingerprints of what is in it.
struct TableRecord {
  std::string name;
  std::string fingerprint;
  friend bool operator==(const TableRecord&, const TableRecord&) = default;
};

/// One node of the topology that wrote the checkpoint.
struct NodeRecord {
  NodeId id;
  std::string name;
  std::string kind;  ///< The operation: "window", "source", ...
  std::vector<TableRecord> tables;
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// How the keys of a stage are spread over its shards.
struct Partitioning {
  enum class Kind : std::uint8_t {
    none,      ///< A source stage: its tasks are splits.
    range,     ///< `shards` equal ranges of `key_groups` key groups.
    external,  ///< A foreign producer did it: `shards` partitions of `topic`.
  };
  Kind kind = Kind::none;
  std::uint32_t key_groups = 0;
  std::uint32_t shards = 0;
  std::string topic;
  friend bool operator==(const Partitioning&, const Partitioning&) = default;
};

struct StageRecord {
  std::string name;
  Partitioning partitioning;
  friend bool operator==(const StageRecord&, const StageRecord&) = default;
};

/// The topology as far as stored state depends on it.
struct TopologyRecord {
  std::vector<StageRecord> stages;
  std::vector<NodeRecord> nodes;
  friend bool operator==(const TopologyRecord&, const TopologyRecord&) = default;
};

/// One split: where to read on, and what its task knew.
struct SplitRecord {
  SplitName name;
  Position position;
  EventTime watermark = EventTime::min();
  Blobs blobs;
  friend bool operator==(const SplitRecord&, const SplitRecord&) = default;
};

/// A whole stored object.
struct FileRef {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
  friend bool operator==(const FileRef&, const FileRef&) = default;
};

/// A stream inside a checkpoint or savepoint file. `bytes` and `checksum` are of its content,
/// without frames.
struct SectionRef {
  std::string file;
  std::uint64_t offset = 0;  ///< Of its first frame.
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
  friend bool operator==(const SectionRef&, const SectionRef&) = default;
};

/// A shard's whole state at one cut.
struct BaseRef {
  CheckpointName cut;
  std::uint64_t sequence = 0;  ///< Of the cut; says which deltas the base includes.
  std::vector<FileRef> files;  ///< As the state backend wrote them; empty for a savepoint.
  /// Of a savepoint: the streams that hold entries of the shard, and perhaps of others.
  std::vector<SectionRef> sections;
  friend bool operator==(const BaseRef&, const BaseRef&) = default;
};

/// What changed in a shard between a checkpoint and the one before it.
struct DeltaRef {
  CheckpointName checkpoint;
  std::uint64_t sequence = 0;  ///< Of that checkpoint.
  SectionRef section;
  friend bool operator==(const DeltaRef&, const DeltaRef&) = default;
};

/// A shard of a stage, by the stage's name.
using ShardName = std::pair<std::string, ShardId>;

/// One shard: its state is `base`, then `deltas` in order.
struct ShardRecord {
  std::string stage;
  ShardId shard;
  EventTime watermark = EventTime::min();
  Blobs blobs;
  std::optional<BaseRef> base;
  std::vector<DeltaRef> deltas;
  friend bool operator==(const ShardRecord&, const ShardRecord&) = default;

  ShardName name() const { return {stage, shard}; }
  std::uint64_t base_bytes() const;
  std::uint64_t delta_bytes() const;
};

/// What a participant wants to be reminded of.
struct ParticipantRecord {
  std::string name;
  std::string part;
  /// The first checkpoint whose publication had not been confirmed when this one was written.
  std::optional<CheckpointId> unpublished_since;
  friend bool operator==(const ParticipantRecord&, const ParticipantRecord&) = default;
};

/// Which checkpoint a file is: enough to choose among files without reading them whole.
struct CheckpointIdentity {
  std::string job;
  std::string instance;
  CheckpointName name;
  /// The committed checkpoint that it builds on; none at a first start.
  std::optional<CheckpointName> parent;
  /// Grows with every file of the instance, over all timelines.
  std::uint64_t sequence = 0;
  EventTime taken_at;  ///< Processing time.
  /// The savepoint that this line of checkpoints was restored from, or "checkpoint:" and the name
  /// of one that somebody asked for; empty: neither.
  std::string savepoint;
  /// All bounded input was read, everything fired: nothing is left to do.
  bool is_finished = false;
  friend bool operator==(const CheckpointIdentity&, const CheckpointIdentity&) = default;
};

/// Everything that a checkpoint says, but for the bytes of deltas.
struct CheckpointContent {
  CheckpointIdentity identity;
  TopologyRecord topology;
  std::vector<SplitRecord> splits;
  std::vector<ShardRecord> shards;
  std::vector<ParticipantRecord> participants;
  friend bool operator==(const CheckpointContent&, const CheckpointContent&) = default;

  Positions positions() const;
  /// Names of every stored object that restoring needs, but for the checkpoint's own file.
  std::vector<std::string> reach() const;
};

}  // namespace weir::inline v0::detail
