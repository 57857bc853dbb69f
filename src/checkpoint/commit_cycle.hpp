// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/catalog.hpp"
#include "checkpoint/compatibility.hpp"
#include "checkpoint/composition.hpp"
#include "checkpoint/content.hpp"
#include "checkpoint/savepoint.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// What a cycle works with. Everything outlives it.
struct CommitCycleOptions {
  JobIdentity job{"", "0"};
  std::shared_ptr<CheckpointStorage> storage;
  Clock* clock = nullptr;
  /// 64 random bits, for names of timelines: never the same sequence in two runs.
  std::function<std::uint64_t()> random;
  std::vector<std::shared_ptr<Participant>> participants;
  /// Null, or one that does not decide: the file's publication is the commit.
  std::shared_ptr<CommitAuthority> authority;
  AuthorityInput input;  ///< Of an authority.
  /// Streams the whole state of a shard whose files are another instance's. Null: there are none.
  SavepointState foreign_state;
  /// Source::committed, by the name of the source's node.
  std::function<void(const SplitName&, const Position&)> on_committed;
  /// Whether on_committed may make upstream forget records; if so, no older checkpoint may be
  /// taken than the last committed one.
  bool acknowledges = true;
  CheckpointOptions checkpoints;
  RestoreOptions restore;
};

/// What a job starts from.
struct Recovery {
  /// Names of the checkpoints to come: (timeline, 1), (timeline, 2), ...
  std::string timeline;
  /// What the truth is; empty: a first start, or everything has been dropped.
  std::optional<CheckpointName> restored;
  /// Splits, shards with their base and deltas, as `restored` says. Of a savepoint: as the
  /// topology wants the shards. No entry for a shard that has nothing to load.
  CheckpointContent content;
  /// Where splits begin that `content` does not have.
  std::map<SplitId, Position> starts;
};

/// One shard's part of a checkpoint.
struct DraftShard {
  std::string stage;
  ShardId shard;
  EventTime watermark = EventTime::min();
  Blobs blobs;
  /// Streams the delta, piece by piece; null or silent: nothing has changed.
  ChunkProducer delta;
  /// A base that is finished and stored since the last checkpoint, at a committed cut.
  std::optional<BaseRef> new_base;
};

/// All parts of a checkpoint, as handed over by the tasks.
struct CheckpointDraft {
  CheckpointId id;
  std::vector<SplitRecord> splits;
  std::vector<DraftShard> shards;
  bool is_finished = false;
};

/// Takes checkpoints to their end, one at a time: a state machine without threads or waiting.
///
///     recover -> begin -> [prepare] -> store -> commit (until true) -> publish -> acknowledge
///        ^         ^                                                                  |
///        |         +------------------------- retain <--------------------------------+
///        +-- after any failure: everything of the checkpoint under way is forgotten
///
/// Invariants:
/// 1. The authority is asked before a file is chosen: it knows what was committed, files do not.
/// 2. Nothing is published, acknowledged or deleted before its checkpoint is committed.
/// 3. Publications are attempted before the next file is written, and carried in it if they
///    failed: a crash redoes them.
/// 4. A name is never used twice: each recover() draws a new timeline.
///
/// Thread: all calls from the job's storage thread, one at a time (recover() also before that
/// thread runs). What throws leaves the cycle failed; only recover() may follow.
class CommitCycle final {
 public:
  enum class Phase : std::uint8_t {
    closed,  ///< Before recover(), or failed.
    idle,    ///< Nothing is under way.
    stored,  ///< The file is durable, and not yet committed.
  };

  explicit CommitCycle(CommitCycleOptions options);
  CommitCycle(const CommitCycle&) = delete;
  CommitCycle& operator=(const CommitCycle&) = delete;
  ~CommitCycle();

  /// Locks the instance's folder, opens the authority, chooses what to go on from, checks that it
  /// fits `topology`, restores the participants, removes leftovers, takes over what is another
  /// instance's. No base may be in the making.
  /// Throws: LockedError, CorruptState, IncompatibleState, IoError; ConfigError for a savepoint
  /// that repeats output without leave; NotReady while the authority waits for something: then the
  /// same call again. `events`: for the authority.
  Recovery recover(const TopologyRecord& topology, const AuthorityEvents& events = {});
  /// Opens the authority for the checkpoint to come: output may flow. After recover(), and after
  /// each commit() that returned true; before or after publish().
  void begin();
  /// Every split has passed the barrier: tells the authority what will be committed. May be left
  /// out; store() then does it.
  void prepare(CheckpointId checkpoint, const Positions& positions);
  /// All parts have arrived: publishes what is unconfirmed, stages the participants, writes the
  /// file. Returns its bytes.
  std::uint64_t store(CheckpointDraft draft);
  /// Returns false while undecided: to be called again. Without an authority, true at once.
  bool commit();
  /// Makes the output of the committed checkpoint visible. Returns what could not be confirmed;
  /// it is tried again before the next file.
  struct Unconfirmed {
    std::string participant;
    std::string reason;
  };
  std::vector<Unconfirmed> publish();
  /// Tells the sources what is committed.
  void acknowledge();
  /// Deletes what no kept checkpoint reaches. Returns the files that could not be deleted; they
  /// are tried again the next time.
  std::vector<std::string> retain();

  /// Writes a self-contained copy of the last committed checkpoint. Between commit() and the next
  /// store(). Throws: ConfigError if the name is bad or taken.
  void write_savepoint(const std::string& name, const SavepointState& state);

  Phase phase() const noexcept { return phase_; }
  const std::string& timeline() const noexcept { return timeline_; }
  /// The last committed checkpoint; empty: none.
  const std::optional<CheckpointContent>& committed() const noexcept { return committed_; }
  /// The start of a base at the last committed cut: its files are to be added, then it goes into a
  /// later draft. Requires: committed().
  BaseRef new_base() const;
  /// What the names of the files of such a base start with.
  std::string base_prefix(const ShardRecord& shard) const;
  /// Shards whose deltas outweigh a new base, by the checkpoint options.
  std::vector<const ShardRecord*> shards_due_for_base() const;
  /// Publications that are not confirmed: by participant, since which checkpoint.
  const std::map<std::string, CheckpointId>& unpublished() const noexcept { return unpublished_; }

 private:
  void expect(bool is_in_order, const char* call) const;
  JobShape shape() const;
  Composition find_truth(const AuthorityEvents& events);
  void check_fit(const Composition& truth) const;
  void adopt(Composition& truth);
  ChunkProducer whole_state_of(const ShardRecord& shard) const;
  std::string wish() const;
  bool is_wish_open(const std::optional<CheckpointContent>& truth) const;
  CheckpointContent read_wish() const;
  CheckpointContent restore_wish(const std::optional<CheckpointContent>& truth);
  void commit_genesis(CheckpointContent& genesis);
  void restore_participants(const std::optional<CheckpointContent>& own);
  std::set<CheckpointName> named_by_anybody() const;
  CheckpointContent content_of(CheckpointDraft& draft) const;
  void stage_participants(CheckpointContent& content);

  const CommitCycleOptions options_;
  CommitAuthority* const authority_;  // Null: nobody else decides.
  const CheckpointPlace place_;
  CheckpointCatalog catalog_;
  Phase phase_ = Phase::closed;
  bool is_begun_ = false;
  bool is_prepared_ = false;
  bool is_truth_unknown_ = false;  // The newest checkpoint cannot be read.
  std::string timeline_;
  TopologyRecord topology_;
  std::optional<CheckpointContent> committed_;
  std::optional<CheckpointContent> pending_;  // Stored, and not yet committed.
  std::map<std::string, CheckpointId> unpublished_;
  std::shared_ptr<void> lock_;  // The storage's own handle.
};

}  // namespace weir::inline v0::detail
