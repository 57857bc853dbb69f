// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/detail/dataflow/node_metrics.hpp"
#include "weir/detail/dataflow/operator.hpp"
#include "weir/exchange_topics.hpp"
#include "weir/on_error.hpp"
#include "weir/sink.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// What a node is to the planner.
enum class NodeKind : std::uint8_t {
  source,     ///< Starts a stage; one task per split.
  transform,  ///< Stateless; runs in every stage that feeds it.
  key_by,     ///< Ends a stage and starts the next: sender above, receiver below.
  keyed,      ///< Has state per key; runs in the stage of its key_by inputs.
  sink,       ///< Ends in a Sink; runs in every stage that feeds it.
};

/// What brings records to the shard of their key.
enum class KeyPlacement : std::uint8_t {
  exchange,   ///< weir: by the key's hash, over rings.
  partition,  ///< Whoever wrote the topic: shard p has what lies in partition p.
  topic,      ///< weir, by the key's hash, through a repartition topic: partition p is shard p's.
};

/// The way of a key_by's records through a repartition topic.
struct TopicRoute {
  std::string topic;
  std::uint32_t partitions = 0;
  /// The stages that write to it, by name; filled in at the start of each attempt.
  std::vector<std::string> upstream;
};

/// What a pump found out, beside the records that it passed on.
struct PumpResult {
  Poll poll = Poll::nothing;
  std::size_t records = 0;
};

/// Moves records of one split from its reader to the first operators. One worker thread.
class SplitPump {
 public:
  virtual ~SplitPump() = default;
  /// Outlet 0 has the records, 1 the dead letters.
  virtual void connect(std::size_t outlet, Link link) = 0;
  virtual bool ready() const = 0;
  /// Polls once and passes the records on. Requires: ready().
  virtual PumpResult pump(std::size_t max_records) = 0;
  virtual Position position() const = 0;
  virtual std::optional<std::uint64_t> lag() const = 0;
  /// Tells the operators downstream (watermark max and end; nothing to fetch).
  virtual void pass_watermark(EventTime watermark) = 0;
  virtual void pass_idle(bool is_idle) = 0;
  virtual void pass_end() = 0;
};

/// What a pump needs of its task.
struct PumpOptions {
  const std::string* split_label = nullptr;  ///< Lives as long as the job.
  NodeMetrics* metrics = nullptr;
  OnError on_error;
  Clock* clock = nullptr;
};

/// A source without its record type.
class AnySource {
 public:
  virtual ~AnySource() = default;
  virtual bool is_bounded() const = 0;
  virtual bool is_replayable() const = 0;
  /// Whether records carry an event time of their own.
  virtual bool has_event_time() const = 0;
  virtual std::vector<std::string> faults() const = 0;
  virtual std::vector<std::string> job_faults(const JobOptions& options) const = 0;
  virtual std::vector<SplitId> splits(const SourceContext& context) = 0;
  virtual std::unique_ptr<SplitPump> open(const SplitId& split,
                                          const std::optional<Position>& position,
                                          const SourceContext& context, PumpOptions options) = 0;
  virtual void committed(const SplitId& split, const Position& position) = 0;
  virtual void job_ended() = 0;
  virtual std::optional<std::string> partitioned_topic() const = 0;
  virtual std::uint32_t partition_count() = 0;
  virtual std::uint32_t partition_of(const SplitId& split) const = 0;
  virtual std::shared_ptr<ExchangeTopics> exchange_topics() = 0;
  /// The user's object, to find one that two nodes share.
  virtual const void* identity() const = 0;
  virtual std::shared_ptr<Participant> participant() = 0;
  virtual std::shared_ptr<CommitAuthority> authority() = 0;
};

/// A sink without its record type; its operator is made by Node::make.
class AnySink {
 public:
  virtual ~AnySink() = default;
  virtual Guarantee strongest_guarantee() const = 0;
  virtual std::vector<std::string> faults() const = 0;
  virtual std::vector<std::string> job_faults(const JobOptions& options) const = 0;
  virtual void open(const SinkContext& context, std::size_t writers) = 0;
  /// The user's object, to find one that two nodes share; null: nothing that could be shared.
  virtual const void* identity() const = 0;
  virtual std::shared_ptr<Participant> participant() = 0;
  virtual std::shared_ptr<CommitAuthority> authority() = 0;
};

/// From which outlet of which node an input port is fed.
struct InputEdge {
  std::size_t node = 0;  ///< Index in Graph::nodes.
  std::size_t outlet = 0;
  std::size_t port = 0;  ///< Port of the consumer.
};

using OperatorFactory = std::function<std::unique_ptr<Operator>()>;

/// What a key_by is made of when its records go through a topic. Both are null when the record's
/// type has no bytes.
struct TopicEnds {
  /// Writes records to their partition.
  std::function<OperatorFactory(std::shared_ptr<Sink<ExchangedRecord>>, std::uint32_t partitions)>
      writer;
  /// The sender of the stage that reads them.
  OperatorFactory reader;
};

/// One node of the topology, as the user wrote it.
struct Node {
  NodeKind kind = NodeKind::transform;
  std::string operation;   ///< "map", "window", ...: what describe() shows and names derive from.
  std::string parameters;  ///< For describe(): "tumbling 10s, lateness 5s".
  std::string name;        ///< Given, or derived when the topology is closed.
  bool is_named = false;
  std::vector<InputEdge> inputs;
  std::vector<std::string> outlets{"out"};  ///< Names of outlets; side outputs from 1 on.
  std::size_t required_outlets = 1;         ///< The first ones, which somebody has to consume.

  OperatorFactory make;  ///< transform, keyed, sink; of a key_by: its sender.
  std::function<std::unique_ptr<SliceReceiver>()> make_receiver;  ///< key_by only.
  std::shared_ptr<AnySource> source;                              ///< source only.
  std::shared_ptr<AnySink> sink;                                  ///< sink only.

  TopicEnds topic_ends;               ///< key_by only.
  std::shared_ptr<TopicRoute> route;  ///< Of the sink and source at both ends of a topic.

  OnError on_error;
  bool has_event_time = false;           ///< Outlet 0 carries event times and watermarks.
  bool has_record_times = false;         ///< Records have times, with or without watermarks.
  bool needs_event_time = false;         ///< Windows and event-time timers.
  bool is_consumption_optional = false;  ///< Nobody has to consume any outlet.
  std::optional<Duration> max_drift;     ///< event_time: alignment between splits.
  std::uint32_t shards = 0;              ///< key_by: 0 for the job's default; window_all: 1.
  KeyPlacement placement = KeyPlacement::exchange;  ///< key_by only.
  std::vector<std::string> faults;  ///< Found while building; reported with all others.
};

/// All nodes of a topology, inputs before consumers.
struct Graph {
  std::string job_name;
  std::vector<Node> nodes;
};

}  // namespace weir::inline v0::detail
