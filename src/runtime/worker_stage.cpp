// SPDX-License-Identifier: Apache-2.0
#include "runtime/worker_stage.hpp"

#include <algorithm>

namespace weir::inline v0::detail {

void WorkerStage::start() {
  if (!tasks_.empty()) return;
  for (EdgeOutput* output : outputs_) output->end_without_tasks();
}

void WorkerStage::request_barrier(CheckpointId checkpoint, bool is_source) {
  if (tasks_.empty()) {
    release(checkpoint);
    return;
  }
  if (!is_source) return;
  for (Task* task : tasks_) task->request_barrier(checkpoint);
}

void WorkerStage::on_passed(CheckpointId checkpoint) {
  if (++passed_count_ == tasks_.size()) release(checkpoint);
}

void WorkerStage::release(CheckpointId checkpoint) {
  passed_count_ = 0;
  for (EdgeOutput* output : outputs_) output->barrier(checkpoint);
  for (Task* task : tasks_) task->resume_after_barrier();
}

bool WorkerStage::flush() {
  bool is_waiting = false;
  for (EdgeOutput* output : outputs_) {
    is_waiting |= output->flush();
    output->wake_consumers();
  }
  return is_waiting;
}

bool WorkerStage::has_ended() const {
  return std::all_of(tasks_.begin(), tasks_.end(),
                     [](const Task* task) { return task->has_ended(); });
}

}  // namespace weir::inline v0::detail
