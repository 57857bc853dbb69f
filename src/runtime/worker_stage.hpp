// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/edge_output.hpp"
#include "runtime/task.hpp"

namespace weir::inline v0::detail {

/// The tasks of one stage that one worker runs, and the way out that they share.
///
/// Invariant: a barrier leaves only when every local task has passed it, and no local task goes on
/// before that; so one barrier per edge and worker cuts all of them at one place.
class WorkerStage final {
 public:
  explicit WorkerStage(StageId stage) : stage_{stage} {}

  void add_output(EdgeOutput& output) { outputs_.push_back(&output); }
  void add_task(Task& task) { tasks_.push_back(&task); }
  StageId stage() const noexcept { return stage_; }
  const std::vector<Task*>& tasks() const noexcept { return tasks_; }

  /// Without tasks nothing will ever come: says so downstream. Call once, at the start.
  void start();
  /// Asks the tasks of a source stage for a barrier; without tasks it leaves at once.
  void request_barrier(CheckpointId checkpoint, bool is_source);
  /// A task has just passed a barrier. Sends it on when it was the last one.
  void on_passed(CheckpointId checkpoint);
  /// Moves what waits for room, wakes consumers. Returns whether some still waits.
  bool flush();
  bool has_ended() const;

 private:
  void release(CheckpointId checkpoint);

  const StageId stage_;
  std::vector<Task*> tasks_;
  std::vector<EdgeOutput*> outputs_;
  std::size_t passed_count_ = 0;
};

}  // namespace weir::inline v0::detail
