// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "base/mailbox.hpp"
#include "runtime/alignment.hpp"
#include "runtime/shard_task.hpp"
#include "runtime/split_task.hpp"
#include "runtime/worker_stage.hpp"

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// What the coordinator tells a worker. At most one of each kind is under way, so the mailbox
/// never holds more than there are kinds.
struct WorkerMessage {
  enum class Kind : std::uint8_t { barrier, committed, stop_reading, end_reading, finish };
  Kind kind = Kind::barrier;
  CheckpointId checkpoint;
};

/// What a worker tells the rest; called on the worker's thread, must not block.
struct WorkerEvents {
  std::function<void(TaskPart)> on_part;
  std::function<void()> on_ended;  ///< Once: every task of the worker has ended.
  std::function<void(std::exception_ptr)> on_failure;
};

/// Runs tasks cooperatively: each in turn, one bounded step at a time. One thread calls it.
class WEIR_API Worker final {
 public:
  Worker(std::uint32_t index, Clock& clock, WorkerEvents events);

  std::uint32_t index() const noexcept { return index_; }
  Waker& waker() noexcept { return waker_; }
  /// Any thread.
  void tell(WorkerMessage message);

  // Setting up; before the first round.

  WorkerStage& stage(StageId stage);
  WorkerStage* find_stage(StageId stage);
  void add_task(std::unique_ptr<Task> task);
  void add_output(std::unique_ptr<EdgeOutput> output, StageId stage);
  void align(Alignment* alignment) { alignments_.push_back(alignment); }
  /// Does not end for want of tasks: an unbounded source may give this process splits later.
  void stand_by() noexcept { is_standing_by_ = true; }
  void start();

  /// One round over messages, tasks, channels. Returns whether anything was done. Does not throw:
  /// a failure is reported once, and then nothing is done any more.
  bool run_once() noexcept;
  /// When run_once() has something to do by the clock alone; nullopt: never.
  std::optional<EventTime> next_wake() const;
  bool has_failed() const noexcept { return has_failed_; }

  const std::vector<std::unique_ptr<Task>>& tasks() const noexcept { return tasks_; }

  /// What the worker is doing, for a watchdog on another thread: the task, and a number that
  /// changes with every step.
  struct Activity {
    const Task* task;
    std::uint64_t step;
  };
  Activity activity() const noexcept {
    return {running_.load(std::memory_order_relaxed), steps_.load(std::memory_order_relaxed)};
  }
  /// Nanoseconds spent in rounds that did something; for the busy share.
  std::uint64_t busy_ns() const noexcept { return busy_ns_.get(); }

 private:
  bool round();
  bool read_mailbox();
  bool step(Task& task);
  bool tick();
  void obey(const WorkerMessage& message);
  void for_each_split(void (SplitTask::*order)() noexcept);

  const std::uint32_t index_;
  Clock& clock_;
  const WorkerEvents events_;
  Waker waker_;
  Mailbox<WorkerMessage> mailbox_;
  std::vector<WorkerMessage> taken_;
  std::vector<std::unique_ptr<EdgeOutput>> outputs_;
  std::vector<std::unique_ptr<WorkerStage>> stages_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<Alignment*> alignments_;
  std::int64_t next_tick_ms_ = 0;
  bool is_standing_by_ = false;
  bool has_failed_ = false;
  bool has_ended_ = false;

  std::atomic<const Task*> running_{nullptr};
  std::atomic<std::uint64_t> steps_{0};
  Counter busy_ns_;
};

}  // namespace weir::inline v0::detail
