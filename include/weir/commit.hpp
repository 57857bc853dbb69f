// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "weir/clock.hpp"
#include "weir/guarantee.hpp"
#include "weir/ids.hpp"
#include "weir/metrics.hpp"
#include "weir/time.hpp"

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
  Guarantee guarantee = Guarantee::at_least_once;
  Duration checkpoint_interval{0};
  /// Whether this process may read some of the splits, and other processes the rest. When not, it
  /// has to read all of them.
  bool may_share = false;
  /// A world on one thread: open() and the readers do all work themselves; no threads are started.
  bool inline_io = false;
  const Clock* clock = nullptr;  ///< Outlives the job.
};

/// A checkpoint, and which instance wrote it.
struct CheckpointPointer {
  CheckpointName checkpoint;
  std::string instance;
  friend auto operator<=>(const CheckpointPointer&, const CheckpointPointer&) = default;
};

/// What is committed of one split.
struct CommittedSplit {
  Position position;
  /// The checkpoint that it was committed with; empty: not by a job of weir.
  std::optional<CheckpointPointer> checkpoint;
  friend bool operator==(const CommittedSplit&, const CommittedSplit&) = default;
};

/// What the authority knows at the start.
struct CommittedState {
  /// Of a job none of whose splits are the authority's: the checkpoint that was committed last.
  std::optional<CheckpointPointer> checkpoint;
  /// The splits that this process reads from now on, with what is committed of them (empty: nothing
  /// is). By split alone: the authority is asked before sources are open, and does not know the
  /// names of their nodes.
  std::map<SplitId, std::optional<CommittedSplit>> splits;
  /// Every checkpoint that a committed position of the job names, whoever reads that split.
  std::set<CheckpointPointer> named;
};

/// What an authority may ask of the job that opened it, from any thread, as often as it likes. Of
/// no effect once the attempt that passed them to open() is over.
struct AuthorityEvents {
  /// Some splits will be read by other processes, or by this one: the job takes a last checkpoint,
  /// ends the attempt, and opens the authority anew. Until that open() the splits stay this
  /// process's. `reason` is for people.
  std::function<void(const std::string& reason)> hand_over;
  /// Ends the attempt as a failure.
  std::function<void(std::exception_ptr)> fail;
};

/// Decides that a checkpoint happened, in place of the publication of its file: a transaction of
/// a log. At most one in a job. Calls come from the storage thread, where nothing else is said.
class CommitAuthority {
 public:
  virtual ~CommitAuthority() = default;

  /// Whether it decides over the commits of such a job. When not, the publication of the file is
  /// the commit, and of the calls below only metrics(), waiting_for() and job_ended() come. The
  /// first call.
  virtual bool decides(const JobIdentity& job) const {
    (void)job;
    return true;
  }
  /// Fences every other process of this instance, decides what was undecided, and says what is
  /// committed. Also called again after a failure or a hand-over, in place.
  /// Throws: NotReady while something is waited for; it is called again soon, or job_ended() is.
  virtual CommittedState open(const JobIdentity& job, const AuthorityEvents& events) = 0;
  /// Starts transaction work for the next checkpoint.
  virtual void begin() = 0;
  /// The barrier of `checkpoint` has started: the positions that its commit will contain. May
  /// run beside the barrier's flow.
  virtual void prepare(const CheckpointName& checkpoint, const Positions& positions) = 0;
  /// Everything that `checkpoint` needs is durable: commits. Returns false while undecided (it is
  /// called again), true when committed, throws when it was not and will not be.
  virtual bool commit(const CheckpointName& checkpoint) = 0;
  /// Whether a position in a checkpoint is the one that was committed: a source may keep more in
  /// its positions than the authority does.
  virtual bool is_same_place(const Position& stored, const Position& committed) const {
    return stored == committed;
  }
  /// As CommittedState::named, now. Asked before files are deleted that other processes may need;
  /// only of a job that may share. Throws IoError when it is not known: then nothing is deleted.
  virtual std::set<CheckpointPointer> named_checkpoints() { return {}; }
  /// What is waited for, in commit() or elsewhere, in words; empty: nothing. Any thread.
  virtual std::string waiting_for() const { return {}; }
  /// Of the connection, for Job::metrics(), which adds the label "job". Any thread.
  virtual std::vector<Metric> metrics() const { return {}; }
  /// The job is over, there will be no further attempt: what is held may be given up. The last
  /// call.
  virtual void job_ended() {}
};

}  // namespace weir::inline v0
