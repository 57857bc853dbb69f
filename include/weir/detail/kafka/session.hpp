// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/commit.hpp"
#include "weir/detail/kafka/encoded_records.hpp"
#include "weir/export.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka_client.hpp"
#include "weir/sink.hpp"
#include "weir/source.hpp"

namespace weir::inline v0 {
class ExchangeTopics;
struct JobOptions;
}  // namespace weir::inline v0

namespace weir::inline v0::detail {

/// What one poll of a partition found.
struct PartitionPoll {
  Poll poll = Poll::nothing;
  /// Null without records.
  std::unique_ptr<kafka::FetchedRecords> fetched;
  /// How many of the fetched ones count: the rest is behind the bound.
  std::size_t count = 0;
};

/// Reads one partition from its position to its bound, if it has one. The split's worker.
class WEIR_API PartitionInput {
 public:
  virtual ~PartitionInput() = default;
  virtual PartitionPoll poll(std::size_t record_count_max) = 0;
  virtual Position position() const = 0;
  /// The next offset.
  virtual std::uint64_t offset() const = 0;
  virtual std::optional<std::uint64_t> lag() const = 0;
  virtual const kafka::TopicPartition& partition() const = 0;
};

/// What a source asks of a session.
struct TopicSourceSpec {
  std::vector<std::string> topics;  ///< Names, or patterns that start with '^'.
  kafka::Start start = kafka::Start::earliest();
  kafka::Until until = kafka::Until::never();
};

/// What a sink asks of a session.
struct TopicSinkSpec {
  std::string topic;                           ///< Empty: each record names its own.
  kafka::ChooseKeyPartition partition_of_key;  ///< Empty: as Java clients do.
};

/// The writing end of one task. The task's worker.
class WEIR_API TopicWriter {
 public:
  virtual ~TopicWriter() = default;
  /// Room for more; sends what waits, if it may.
  virtual bool ready() = 0;
  /// Where the next records go; then send(). What is in there already goes first.
  virtual EncodedRecords& records() = 0;
  /// The number that an entry knows a topic by.
  virtual std::uint32_t topic(const std::string& name) = 0;
  /// Sends what the gate lets through.
  virtual void send() = 0;
  virtual void barrier(CheckpointId checkpoint) = 0;
  virtual void end() = 0;
};

/// The connection of one job to one cluster, shared by its sources and sinks.
class WEIR_API KafkaSession : public Participant, public CommitAuthority {
 public:
  static std::shared_ptr<KafkaSession> make(kafka::ClusterOptions options);

  /// Throws ConfigError for a topic that is read twice. Returns the source's number.
  virtual std::size_t add_source(TopicSourceSpec spec) = 0;
  virtual std::size_t add_sink(TopicSinkSpec spec) = 0;

  virtual std::vector<std::string> faults(const JobOptions& options) const = 0;
  virtual bool is_bounded(std::size_t source) const = 0;
  /// The topic, if the source reads one by name.
  virtual std::optional<std::string> single_topic(std::size_t source) const = 0;
  virtual std::uint32_t partition_count(std::size_t source) = 0;
  virtual std::uint32_t partition_number(const SplitId& split) const = 0;
  virtual std::vector<SplitId> splits(std::size_t source, const SourceContext& context) = 0;
  virtual std::unique_ptr<PartitionInput> open_split(std::size_t source, const SplitId& split,
                                                     const std::optional<Position>& position,
                                                     const SourceContext& context) = 0;

  /// Makes a repartition topic if it is not there. Throws ConfigError if it has another number of
  /// partitions.
  virtual void make_exchange_topic(const std::string& topic, std::uint32_t partitions) = 0;
  /// What is before a committed position of a repartition topic may be deleted, now or later.
  virtual void let_go(const SplitId& split, const Position& position) = 0;

  virtual void open_sink(std::size_t sink, const SinkContext& context, std::size_t writers) = 0;
  virtual std::unique_ptr<TopicWriter> writer(std::size_t sink, const SinkContext& context) = 0;
};

/// Repartition topics in the session's cluster.
WEIR_API std::shared_ptr<ExchangeTopics> kafka_exchange_topics(
    std::shared_ptr<KafkaSession> session);

}  // namespace weir::inline v0::detail
