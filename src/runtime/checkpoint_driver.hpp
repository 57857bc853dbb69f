// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "checkpoint/commit_cycle.hpp"
#include "graph/plan.hpp"
#include "runtime/assembly.hpp"
#include "runtime/base_keeper.hpp"
#include "runtime/executor.hpp"
#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

struct RestoreSource;

/// A checkpoint whose parts have all arrived.
struct StoreRequest {
  CheckpointId checkpoint;
  std::vector<TaskPart> parts;
  bool is_finished = false;
  std::string savepoint;  ///< Name of a savepoint to write with it; empty: none.
};

/// What the checkpoints of an attempt work with. Everything outlives it.
struct CheckpointDriverOptions {
  const Graph* graph = nullptr;
  const Plan* plan = nullptr;
  const JobOptions* options = nullptr;
  Clock* clock = nullptr;
  const Log* log = nullptr;
  std::shared_ptr<CheckpointStorage> storage;  ///< Null: nothing is kept.
  /// The stores of the job's shards, over all attempts.
  std::function<std::shared_ptr<ShardStore>(const std::string& stage, ShardId)> store_of;
  MemoryBudget* budget = nullptr;
  SerialExecutor* background = nullptr;
  bool is_ordered = false;
  std::function<std::uint64_t()> random;
};

/// What the job is called where its commits are decided.
WEIR_API JobIdentity job_identity(const Graph& graph, const JobOptions& options);

/// Between the tasks of one attempt and its checkpoints: gives tasks what was kept, and takes what
/// they hand over through stage, file, commit, publication.
///
/// Threads: recover(), make_state(), load_state() and begin() by the one that opens the attempt;
/// the rest by the storage thread.
class WEIR_API CheckpointDriver final {
 public:
  explicit CheckpointDriver(CheckpointDriverOptions options);
  ~CheckpointDriver();

  /// Decides what the truth is. Call before anything is opened.
  /// `events`: for the authority. Throws NotReady while something is waited for: to be called
  /// again.
  RestoredTasks recover(const AuthorityEvents& events);
  std::unique_ptr<ShardState> make_state(const PlanStage& stage, ShardId shard);
  void load_state(const PlanStage& stage, ShardId shard, ShardState& state);
  /// Output may flow.
  void begin();

  /// Whether the job takes checkpoints.
  bool keeps_deltas() const noexcept { return storage_ != nullptr; }
  /// Gives committed deltas to stores, in the background. The coordinator.
  void apply_deltas() {
    if (bases_) bases_->apply();
  }
  /// Stages sinks, writes the file. Returns its bytes.
  std::uint64_t store(StoreRequest request);
  /// Commits what store() wrote. Returns false while undecided: to be called again.
  bool commit();
  /// Publishes what store() committed, tells sources, deletes what is no longer reached.
  void publish(CheckpointId checkpoint);
  const std::string& timeline() const noexcept { return timeline_; }
  /// What the authority waits for, in words; empty: nothing. Any thread.
  std::string waiting_for() const { return authority_ ? authority_->waiting_for() : ""; }

 private:
  TopologyRecord topology() const;
  RestoredTasks restored_tasks(const Recovery& recovery) const;
  void find_participants();
  std::unique_ptr<CommitCycle> make_cycle();
  AuthorityInput authority_input() const;
  CheckpointDraft draft_of(StoreRequest& request);
  void write_savepoint(CheckpointId checkpoint);
  void start_bases();
  const ShardRecord* record_of(const PlanStage& stage, ShardId shard) const;

  const CheckpointDriverOptions options_;
  const std::shared_ptr<CheckpointStorage> storage_;
  std::vector<std::shared_ptr<Participant>> participants_;
  std::shared_ptr<CommitAuthority> authority_;
  std::unique_ptr<CommitCycle> cycle_;  // Null without a storage.
  std::unique_ptr<BaseKeeper> bases_;   // Null without a storage.
  Recovery recovery_;
  std::uint64_t next_base_ = 1;
  std::string timeline_;
  std::string savepoint_;  // To be written once the checkpoint in hand is committed.
};

}  // namespace weir::inline v0::detail
