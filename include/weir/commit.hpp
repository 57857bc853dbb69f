// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/ids.hpp"

namespace weir::inline v0 {

/// A checkpoint by its full name: numbers start anew in each timeline.
struct CheckpointName {
  std::string timeline;
  CheckpointId id;
  friend auto operator<=>(const CheckpointName&, const CheckpointName&) = default;
};

/// A split of one source node.
struct SplitName {
  std::string source;  ///< The source's node name.
  SplitId split;
  friend auto operator<=>(const SplitName&, const SplitName&) = default;
};

/// The position of each split in a checkpoint: the next record to read.
using Positions = std::map<SplitName, Position>;

/// Something outside of weir's state that has to agree with the checkpoints: a file sink, a
/// database. All calls come from the job's storage thread, one at a time.
class Participant {
 public:
  virtual ~Participant() = default;

  /// Stable name, unique in the job; parts in checkpoint files are found by it.
  virtual std::string name() const = 0;
  /// All records before the barrier of `checkpoint` have arrived: makes them durable (not
  /// visible), and returns what the checkpoint has to remember of them.
  virtual std::string stage(CheckpointId checkpoint) = 0;
  /// `checkpoint` is committed: makes what was staged up to it visible. Idempotent. Throws when
  /// the world fails; it is then called again, at the latest before the next stage().
  virtual void publish(CheckpointId checkpoint) = 0;
  /// Recovery, also in a new process: `part` is what stage() returned for the checkpoint that is
  /// the truth (empty: there is none). Redoes its publications, discards everything later.
  virtual void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) = 0;
};

/// Who asks an authority: it keeps what it knows under these names.
struct JobIdentity {
  std::string job;       ///< The topology's name.
  std::string instance;  ///< JobOptions::instance.
};

/// What the authority knows at the start.
struct CommittedState {
  /// The checkpoint that each split's committed position belongs to; empty: a first start.
  std::optional<CheckpointName> checkpoint;
  /// The positions that were committed with it, of the splits that the authority looks after. By
  /// split alone: it is asked before sources are open, and does not know the names of their nodes.
  std::map<SplitId, Position> positions;
};

/// Decides that a checkpoint happened, in place of the publication of its file: a transaction of
/// a log. At most one in a job. Calls come from the storage thread.
class CommitAuthority {
 public:
  virtual ~CommitAuthority() = default;

  /// Fences every other process of this instance, decides what was undecided, and says what is
  /// committed. Also called again after a failure, in place.
  virtual CommittedState open(const JobIdentity& job) = 0;
  /// Starts transaction work for the next checkpoint.
  virtual void begin() = 0;
  /// The barrier of `checkpoint` has started: the positions that its commit will contain. May
  /// run beside the barrier's flow.
  virtual void prepare(const CheckpointName& checkpoint, const Positions& positions) = 0;
  /// Everything that `checkpoint` needs is durable: commits. Returns false while undecided (it is
  /// called again), true when committed, throws when it was not and will not be.
  virtual bool commit(const CheckpointName& checkpoint) = 0;
};

}  // namespace weir::inline v0
