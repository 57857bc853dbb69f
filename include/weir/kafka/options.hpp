// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "weir/kafka_client.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::kafka {

/// Where a partition is read from that has no committed offset yet.
class Start final {
 public:
  enum class Kind : std::uint8_t { earliest, latest, time, committed };

  static Start earliest() { return {Kind::earliest, {}}; }
  /// The end as of the job's first start.
  static Start latest() { return {Kind::latest, {}}; }
  /// The first record with this time or a later one; the end if there is none.
  static Start at(EventTime time) { return {Kind::time, time}; }
  /// A committed offset is required: without one the job does not start.
  static Start committed() { return {Kind::committed, {}}; }

  Kind kind() const noexcept { return kind_; }
  EventTime time() const noexcept { return time_; }

 private:
  Start(Kind kind, EventTime time) : kind_{kind}, time_{time} {}

  Kind kind_;
  EventTime time_;
};

/// Where reading ends. A bounded source makes a batch job: the job ends with it.
class Until final {
 public:
  enum class Kind : std::uint8_t { never, end, time, offsets };

  static Until never() { return {Kind::never, {}, {}}; }
  /// The end of each partition as of the job's first start; later restarts keep it.
  static Until end() { return {Kind::end, {}, {}}; }
  /// Before the first record with this time or a later one, as of the job's first start.
  static Until at(EventTime time) { return {Kind::time, time, {}}; }
  /// One past the last offset of each partition; partitions that are not named end at once.
  static Until offsets(std::map<TopicPartition, std::int64_t> ends) {
    return {Kind::offsets, {}, std::move(ends)};
  }

  Kind kind() const noexcept { return kind_; }
  EventTime time() const noexcept { return time_; }
  const std::map<TopicPartition, std::int64_t>& ends() const noexcept { return ends_; }

 private:
  Until(Kind kind, EventTime time, std::map<TopicPartition, std::int64_t> ends)
      : kind_{kind}, time_{time}, ends_{std::move(ends)} {}

  Kind kind_;
  EventTime time_;
  std::map<TopicPartition, std::int64_t> ends_;
};

/// Which updates of a key are written.
enum class Emit : std::uint8_t {
  every,                  ///< Each one.
  latest_per_checkpoint,  ///< At each checkpoint the last one of each key that changed since.
};

/// Says which of `partitions` partitions a key goes to. Called by several threads.
using ChooseKeyPartition =
    std::function<std::int32_t(std::string_view key, std::int32_t partitions)>;

/// The partition that Kafka's Java producer chooses for a key: murmur2, so that topics written by
/// both are partitioned alike.
///
///     java_partition("customer-17", 12)
WEIR_API std::int32_t java_partition(std::string_view key, std::int32_t partitions) noexcept;

/// How a job is connected to a cluster.
struct ClusterOptions {
  /// "host:port", several with commas.
  std::string brokers;
  /// Options of librdkafka for everything, for readers, and for the writer: "compression.codec",
  /// "security.protocol", "sasl.password"... What weir sets itself is refused with the reason
  /// (group.id, transactional.id, isolation.level, enable.auto.commit,
  /// partition.assignment.strategy ...). Never printed.
  std::map<std::string, std::string> config{};
  std::map<std::string, std::string> consumer_config{};
  std::map<std::string, std::string> producer_config{};
  /// After how long a silent member loses its partitions. Brokers refuse less than 6 s by default.
  Duration session_timeout{10'000};
  /// How long a transaction may stay open before the broker aborts it; longer than any outage that
  /// is to be ridden out. Has to be more than twice the checkpoint interval; brokers allow up to 15
  /// min. 0: a minute, or five times the interval if that is more.
  Duration transaction_timeout{0};
  /// How long the job waits at its start for partitions to be assigned, before it fails.
  Duration assignment_timeout{60'000};
  /// How long one answer of a broker is waited for, where nothing else bounds it.
  Duration request_timeout{30'000};
  /// Bytes that one sink buffers at most while a commit is under way, over all its tasks.
  std::size_t gate_bytes = std::size_t{32} << 20;
  /// Bytes that are fetched ahead at most, over all partitions.
  std::size_t fetch_bytes = std::size_t{64} << 20;
  /// How often records of repartition topics are deleted that were read and committed.
  Duration purge_every{30'000};
  /// Where a job without a Kafka source keeps its place: metadata of a group on partition 0 of this
  /// topic. Empty: the first topic of its sinks, in order of name.
  std::string pointer_topic{};
  /// The client library; null: librdkafka.
  std::shared_ptr<KafkaClient> client{};
};

}  // namespace weir::inline v0::kafka
