// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "runtime/task.hpp"

namespace weir::inline v0::detail {

/// Which of all splits of a source one is: its partition, or its place in the list.
struct SplitPlace {
  std::uint32_t number = 0;
  std::uint32_t count = 1;
};

/// Reads one split and runs the operators up to the next exchange.
class SplitTask final : public Task {
 public:
  /// `record_count_max`: how much one step reads.
  SplitTask(const TaskEnvironment& environment, StageId stage, SplitId split, SplitPlace place,
            std::uint32_t record_count_max);

  void set_pump(std::unique_ptr<SplitPump> pump) { pump_ = std::move(pump); }
  SplitPump& pump() noexcept { return *pump_; }
  const SplitId& split() const noexcept { return split_; }
  /// Counters of the source node in this task.
  NodeMetrics* source_metrics() noexcept override { return &source_metrics_; }

  bool step() override;
  void request_barrier(CheckpointId checkpoint) override { requested_ = checkpoint; }
  bool has_ended() const override { return has_ended_; }
  EventTime watermark() const override { return split_watermark(); }

  /// Reads no more; the position stays (Job::stop).
  void stop_reading() noexcept { is_stopped_ = true; }
  /// Reads no more and ends time, as if the split had ended (Job::finish). A repartition topic
  /// ends by itself, when what was written to it has been read.
  void finish() noexcept { is_finishing_ = is_finishing_ || !is_exchange_; }
  /// Reads no more and ends without ending time: Job::stop where nothing will go on from here.
  void end_reading() noexcept { is_finishing_ = has_passed_end_of_time_ = true; }
  /// Held back by alignment: too far ahead of the slowest split.
  void hold(bool is_held) noexcept { is_held_ = is_held; }
  /// True while there may be something to fetch: only such splits hold others back.
  /// Any thread.
  bool has_input() const noexcept { return has_input_.load(std::memory_order_relaxed); }
  /// Steps so far, and those in which the operators could take nothing; any thread.
  std::uint64_t step_count() const noexcept { return steps_.get(); }
  std::uint64_t blocked_step_count() const noexcept { return blocked_steps_.get(); }
  /// Records behind the end, as of the last step; any thread.
  std::optional<std::uint64_t> published_lag() const noexcept {
    const std::int64_t lag = published_lag_.load(std::memory_order_relaxed);
    if (lag < 0) return std::nullopt;
    return static_cast<std::uint64_t>(lag);
  }
  void publish() noexcept override {
    Task::publish();
    const std::optional<std::uint64_t> lag = pump_->lag();
    published_lag_.store(lag ? static_cast<std::int64_t>(*lag) : -1, std::memory_order_relaxed);
  }

 private:
  bool read();
  bool pass_active();
  bool end_time();

  const bool is_exchange_;  // Reads a repartition topic.
  const SplitId split_;
  const std::uint32_t record_count_max_;
  NodeMetrics source_metrics_;
  std::unique_ptr<SplitPump> pump_;
  std::optional<CheckpointId> requested_;
  bool is_idle_ = false;
  bool owes_active_ = false;  ///< Records came, and nobody downstream knows that it is not idle.
  Counter steps_;
  Counter blocked_steps_;
  std::atomic<bool> has_input_{true};
  std::atomic<std::int64_t> published_lag_{-1};
  bool is_stopped_ = false;
  bool is_finishing_ = false;
  bool is_held_ = false;
  bool has_passed_end_of_time_ = false;
  bool has_ended_ = false;
};

}  // namespace weir::inline v0::detail
