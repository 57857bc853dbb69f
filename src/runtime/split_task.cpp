// SPDX-License-Identifier: Apache-2.0
#include "runtime/split_task.hpp"

#include <utility>

namespace weir::inline v0::detail {

SplitTask::SplitTask(const TaskEnvironment& environment, StageId stage, SplitId split,
                     SplitPlace place, std::uint32_t record_count_max)
    : Task{environment,
           stage,
           environment.plan->stages[stage.value].name + "/" + split.value,
           {environment.plan->stages[stage.value].name, place.number, place.count}},
      is_exchange_{environment.graph->nodes[*environment.plan->stages[stage.value].source].route !=
                   nullptr},
      split_{std::move(split)},
      record_count_max_{record_count_max} {}

bool SplitTask::step() {
  if (passed()) return false;
  steps_.add();
  if (!pump_->ready()) {
    blocked_steps_.add();
    return advance();
  }
  if (owes_active_) return pass_active();
  if (requested_) {
    TaskPart part;
    part.task = split_.value;
    part.position = pump_->position();
    part.watermark = split_watermark();
    pass_barrier(*std::exchange(requested_, std::nullopt), std::move(part));
    return true;
  }
  if (has_ended_) return false;
  if (has_passed_end_of_time_ || is_finishing_) return end_time();
  if (is_stopped_ || is_held_ || environment_.must_wait_for_commit()) return false;
  return read();
}

bool SplitTask::read() {
  const PumpResult result = pump_->pump(record_count_max_);
  switch (result.poll) {
    case Poll::records:
    case Poll::pending: {
      const bool was_idle = std::exchange(is_idle_, false);
      if (was_idle) has_input_.store(true, std::memory_order_relaxed);
      owes_active_ = was_idle;
      if (was_idle && pump_->ready()) pass_active();
      return result.poll == Poll::records || was_idle;
    }
    case Poll::nothing:
      if (is_idle_ || !pump_->ready()) return false;
      is_idle_ = true;
      has_input_.store(false, std::memory_order_relaxed);
      pump_->pass_idle(true);
      return true;
    case Poll::ended:
      is_finishing_ = true;
      return true;
  }
  return false;
}

/// Requires: the operators are ready.
bool SplitTask::pass_active() {
  owes_active_ = false;
  pump_->pass_idle(false);
  return true;
}

/// Up to three elements (active again, the watermark, the end), each only when the operators are
/// ready for it.
bool SplitTask::end_time() {
  if (!has_passed_end_of_time_ && std::exchange(is_idle_, false)) return pass_active();
  if (!has_passed_end_of_time_) {
    has_passed_end_of_time_ = true;
    has_input_.store(false, std::memory_order_relaxed);
    set_split_watermark(EventTime::max());
    pump_->pass_watermark(EventTime::max());
    return true;
  }
  has_ended_ = true;
  pump_->pass_end();
  return true;
}

}  // namespace weir::inline v0::detail
