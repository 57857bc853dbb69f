// SPDX-License-Identifier: Apache-2.0
#include "runtime/worker.hpp"

#include <algorithm>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_state.hpp"

namespace weir::inline v0::detail {
namespace {

/// Room for each kind of message, more than once: the coordinator never has to wait.
constexpr std::size_t kMailboxCapacity = 64;

}  // namespace

Worker::Worker(std::uint32_t index, Clock& clock, WorkerEvents events)
    : index_{index},
      clock_{clock},
      events_{std::move(events)},
      mailbox_{kMailboxCapacity, waker_} {}

void Worker::tell(WorkerMessage message) {
  const Post post = mailbox_.post(std::move(message));
  WEIR_ASSERT(post == Post::posted, "worker ", index_, " takes no message");
}

WorkerStage* Worker::find_stage(StageId stage) {
  for (const auto& candidate : stages_) {
    if (candidate->stage() == stage) return candidate.get();
  }
  return nullptr;
}

WorkerStage& Worker::stage(StageId stage) {
  if (WorkerStage* found = find_stage(stage)) return *found;
  stages_.push_back(std::make_unique<WorkerStage>(stage));
  return *stages_.back();
}

void Worker::add_task(std::unique_ptr<Task> task) {
  stage(task->stage()).add_task(*task);
  tasks_.push_back(std::move(task));
}

void Worker::add_output(std::unique_ptr<EdgeOutput> output, StageId from) {
  stage(from).add_output(*output);
  outputs_.push_back(std::move(output));
}

void Worker::start() {
  for (const auto& stage : stages_) stage->start();
}

bool Worker::run_once() noexcept {
  if (has_failed_) return false;
  try {
    return round();
  } catch (...) {
    has_failed_ = true;
    events_.on_failure(std::current_exception());
    return false;
  }
}

bool Worker::round() {
  const std::int64_t start_ns = clock_.monotonic_ns();
  bool has_progress = read_mailbox();
  for (Alignment* alignment : alignments_) alignment->decide(index_);
  for (const auto& task : tasks_) has_progress |= step(*task);
  for (const auto& stage : stages_) stage->flush();
  has_progress |= tick();
  if (has_progress) {
    busy_ns_.add(static_cast<std::uint64_t>(clock_.monotonic_ns() - start_ns));
    return true;
  }
  const bool all_ended =
      !is_standing_by_ && std::all_of(stages_.begin(), stages_.end(),
                                      [](const auto& stage) { return stage->has_ended(); });
  if (all_ended && !std::exchange(has_ended_, true)) events_.on_ended();
  return false;
}

bool Worker::step(Task& task) {
  running_.store(&task, std::memory_order_relaxed);
  const bool had_passed = task.passed().has_value();
  const bool has_progress = task.step();
  steps_.store(steps_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  running_.store(nullptr, std::memory_order_relaxed);
  if (!had_passed && task.passed()) {
    const CheckpointId checkpoint = *task.passed();
    events_.on_part(task.take_part());
    stage(task.stage()).on_passed(checkpoint);
  }
  return has_progress;
}

bool Worker::tick() {
  const EventTime now = clock_.now();
  if (now.ms() < next_tick_ms_) return false;
  next_tick_ms_ = now.ms() + 1;
  bool has_progress = false;
  for (const auto& task : tasks_) {
    task->publish();
    if (task->passed()) continue;
    ShardState* const state = task->shard_state();
    if (state != nullptr) state->set_clock(now);
    has_progress |= task->tick(now);
    if (state != nullptr) has_progress |= state->maintain();
  }
  return has_progress;
}

bool Worker::read_mailbox() {
  if (!mailbox_.take_all(taken_)) return false;
  for (const WorkerMessage& message : taken_) obey(message);
  return true;
}

void Worker::obey(const WorkerMessage& message) {
  switch (message.kind) {
    case WorkerMessage::Kind::barrier:
      for (const auto& stage : stages_) {
        const bool is_source =
            !stage->tasks().empty() && !stage->tasks().front()->plan_stage().is_keyed();
        stage->request_barrier(message.checkpoint, is_source);
      }
      return;
    case WorkerMessage::Kind::committed:
      for (const auto& task : tasks_) {
        if (ShardState* state = task->shard_state()) state->committed(message.checkpoint);
      }
      return;
    case WorkerMessage::Kind::stop_reading:
      for_each_split(&SplitTask::stop_reading);
      return;
    case WorkerMessage::Kind::end_reading:
      is_standing_by_ = false;
      for_each_split(&SplitTask::end_reading);
      return;
    case WorkerMessage::Kind::finish:
      is_standing_by_ = false;
      for_each_split(&SplitTask::finish);
      return;
  }
}

void Worker::for_each_split(void (SplitTask::*order)() noexcept) {
  for (const auto& task : tasks_) {
    if (auto* split = dynamic_cast<SplitTask*>(task.get())) (split->*order)();
  }
}

std::optional<EventTime> Worker::next_wake() const {
  std::optional<EventTime> earliest;
  for (const auto& task : tasks_) {
    const std::optional<EventTime> wanted = task->next_wake();
    if (wanted && (!earliest || *wanted < *earliest)) earliest = wanted;
  }
  return earliest;
}

}  // namespace weir::inline v0::detail
