// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/plan.hpp"
#include "runtime/edge_output.hpp"
#include "runtime/latency.hpp"
#include "weir/clock.hpp"
#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/operator.hpp"

namespace weir::inline v0::detail {

class ShardState;
class StateAccess;
class Task;

/// What one barrier took from one task: its part of the checkpoint.
struct TaskPart {
  StageId stage;
  std::string task;   ///< Split id of a source stage; the shard's number of a keyed one.
  ShardId shard;      ///< Of a keyed stage.
  Position position;  ///< Of a source stage.
  EventTime watermark = EventTime::min();
  std::map<NodeId, std::string> blobs;  ///< What operators keep beside their tables.
  /// Of a keyed stage: what changed since the last checkpoint. Shared with the shard, which keeps
  /// it until its store has it.
  std::shared_ptr<const std::string> delta;
};

/// What every task of a job shares.
struct TaskEnvironment {
  const Graph* graph = nullptr;
  const Plan* plan = nullptr;
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  Guarantee guarantee = Guarantee::at_least_once;
  std::string instance;
  bool is_ordered = false;
  bool keeps_deltas = false;  ///< The job takes checkpoints.
  std::function<void(std::function<void()>)> on_storage_thread;
  std::function<void(std::exception_ptr)> fail;
  /// Too much state waits to be committed: sources stop, barriers go on.
  std::function<bool()> must_wait_for_commit;
};

/// One operator of a task with what it sees of the world.
class TaskNode final : public OperatorContext {
 public:
  TaskNode(Task& task, std::size_t node, ExchangeOutput* exchange, SinkContext sink);
  ~TaskNode() override;

  const std::string& node_name() const override;
  NodeId node_id() const override { return id_; }
  const std::string& task_name() const override;
  const TaskPlace& task_place() const override;
  StateAccess& state() override;
  bool is_ordered() const override;
  EventTime now() const override;
  EventTime watermark() const override;
  ExchangeOutput& exchange() override;
  const SinkContext& sink_context() const override { return sink_; }
  void report_split_watermark(EventTime watermark) override;
  NodeMetrics& metrics() override { return metrics_; }
  OnError on_error() const override;
  void observe_latency(std::int64_t read_at_ns) override;

  Operator& code() noexcept { return *operator_; }
  std::size_t node() const noexcept { return node_; }
  const NodeMetrics& counts() const noexcept { return metrics_; }

 private:
  friend class Task;

  Task& task_;
  const std::size_t node_;
  NodeId id_;
  std::unique_ptr<Operator> operator_;
  std::unique_ptr<StateAccess> state_;
  ExchangeOutput* exchange_;
  SinkContext sink_;
  NodeMetrics metrics_;
};

/// The operators of one stage over one split or for one shard, and what steps them. One thread at
/// a time; which thread may change only between steps.
class Task {
 public:
  Task(const TaskEnvironment& environment, StageId stage, std::string name, TaskPlace place);
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task();

  /// One bounded piece of work. Returns whether anything was done.
  virtual bool step() = 0;
  /// A barrier has been asked for (source stages) - keyed stages learn it from their channels.
  virtual void request_barrier(CheckpointId checkpoint) = 0;
  /// All local tasks of the stage have passed the barrier: goes on.
  void resume_after_barrier() noexcept { passed_.reset(); }
  /// The barrier that this task has passed and is held at; its part is in take_part().
  const std::optional<CheckpointId>& passed() const noexcept { return passed_; }
  TaskPart take_part() { return std::move(part_); }
  /// Everything was read, fired and handed on.
  virtual bool has_ended() const = 0;
  /// Opens operators; then loads what a checkpoint kept: tables, then what operators kept.
  void open(
      const std::map<NodeId, std::string>& blobs, const std::function<void()>& load_state = [] {});

  /// Calls on_clock where it is due. Returns whether anything was done.
  bool tick(EventTime now);
  /// The earliest that tick() is wanted; nullopt: never.
  std::optional<EventTime> next_wake() const;

  const std::string& name() const noexcept { return name_; }
  StageId stage() const noexcept { return stage_; }
  const TaskPlace& place() const noexcept { return place_; }
  const PlanStage& plan_stage() const { return environment_.plan->stages[stage_.value]; }
  virtual EventTime watermark() const = 0;
  virtual ShardState* shard_state() noexcept { return nullptr; }
  virtual NodeMetrics* source_metrics() noexcept { return nullptr; }

  const std::vector<std::unique_ptr<TaskNode>>& nodes() const noexcept { return nodes_; }
  TaskNode* find_node(std::size_t node) const;
  TaskNode& add_node(std::size_t node, ExchangeOutput* exchange, SinkContext sink);
  const TaskEnvironment& environment() const noexcept { return environment_; }
  LatencyHistogram& latency() noexcept { return latency_; }
  const LatencyHistogram& latency() const noexcept { return latency_; }
  /// The split's own watermark, as its generator last reported it.
  EventTime split_watermark() const noexcept {
    return EventTime{split_watermark_.load(std::memory_order_relaxed)};
  }
  void set_split_watermark(EventTime time) noexcept {
    split_watermark_.store(time.ms(), std::memory_order_relaxed);
  }
  /// Watermark as of the last step; any thread.
  EventTime published_watermark() const noexcept {
    return EventTime{published_watermark_.load(std::memory_order_relaxed)};
  }
  /// Time of steps that moved records; one observation per step.
  LatencyHistogram& step_latency() noexcept { return step_latency_; }
  const LatencyHistogram& step_latency() const noexcept { return step_latency_; }
  /// How long barriers held the task up: the time it took to hand its part over.
  const LatencyHistogram& pause() const noexcept { return pause_; }
  /// Makes what other threads may read current; after a step.
  virtual void publish() noexcept {
    published_watermark_.store(watermark().ms(), std::memory_order_relaxed);
  }
  /// The names of its nodes, for reports of slow user code; any thread.
  std::string describe_nodes() const;

 protected:
  /// Goes on with suspended operators, consumers first.
  bool advance();
  /// True when no operator holds work.
  bool all_ready() const;
  /// Takes what operators keep, and holds the task until all local tasks have passed.
  void pass_barrier(CheckpointId checkpoint, TaskPart part);

  const TaskEnvironment& environment_;
  std::vector<std::unique_ptr<TaskNode>> nodes_;  // Inputs before consumers.

 private:
  const StageId stage_;
  const std::string name_;
  const TaskPlace place_;
  std::optional<CheckpointId> passed_;
  TaskPart part_;
  LatencyHistogram latency_;
  LatencyHistogram step_latency_;
  LatencyHistogram pause_;
  std::atomic<std::int64_t> published_watermark_{EventTime::min().ms()};
  std::atomic<std::int64_t> split_watermark_{EventTime::min().ms()};
};

}  // namespace weir::inline v0::detail
