// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "weir/detail/dataflow/batch.hpp"
#include "weir/detail/dataflow/node_metrics.hpp"
#include "weir/ids.hpp"
#include "weir/on_error.hpp"
#include "weir/sink.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

class StateAccess;

/// The producing end of an exchange, for all tasks of one worker and one edge of the plan.
class ExchangeOutput {
 public:
  virtual ~ExchangeOutput() = default;

  virtual std::uint32_t shard_count() const = 0;
  /// False while any shard's ring is full.
  virtual bool ready() const = 0;
  /// Requires: ready() since the last batch; one batch may push one slice to each shard.
  virtual void push(ShardId shard, Slice slice) = 0;
  /// Time, idleness and end of this task; the worker forwards their combination over its tasks.
  virtual void watermark(EventTime watermark) = 0;
  virtual void idle(bool is_idle) = 0;
  virtual void end() = 0;
};

/// Which task of a stage it is, among all of all processes.
struct TaskPlace {
  std::string stage;         ///< The stage's name.
  std::uint32_t number = 0;  ///< Partition, shard, or place among the splits.
  std::uint32_t count = 1;
  friend bool operator==(const TaskPlace&, const TaskPlace&) = default;
};

/// What an operator may use. Valid from open() on, as long as the operator.
class OperatorContext {
 public:
  virtual ~OperatorContext() = default;

  virtual const std::string& node_name() const = 0;
  virtual NodeId node_id() const = 0;
  /// The split or shard, for messages: "lines/a.txt", "shard 3".
  virtual const std::string& task_name() const = 0;
  virtual const TaskPlace& task_place() const = 0;

  /// State of this node in this shard. Requires: a keyed stage.
  virtual StateAccess& state() = 0;
  /// True under the test driver: results of one window come out by key bytes.
  virtual bool is_ordered() const = 0;
  /// Processing time. Costs a clock read: once per batch, not per record.
  virtual EventTime now() const = 0;
  /// The combined watermark that the task has reached (restored after a restart).
  virtual EventTime watermark() const = 0;

  /// Of a key_by node: where its slices go.
  virtual ExchangeOutput& exchange() = 0;
  /// Of a sink node.
  virtual const SinkContext& sink_context() const = 0;
  /// Of an event_time node: the split's own watermark, for alignment between splits.
  virtual void report_split_watermark(EventTime watermark) = 0;

  virtual NodeMetrics& metrics() = 0;
  virtual OnError on_error() const = 0;
  /// Observes the latency of results that leave through a sink: once per batch.
  virtual void observe_latency(std::int64_t read_at_ns) = 0;
};

}  // namespace weir::inline v0::detail
