// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weir/export.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka/received.hpp"
#include "weir/kafka/table_topic.hpp"
#include "weir/kafka/topic.hpp"

namespace weir::inline v0::kafka {

/// A Kafka cluster as one job uses it. With exactly_once, what the job reads and writes there is
/// committed in one transaction per checkpoint: records and offsets, and with the offsets the name
/// of the checkpoint. The consumer group is the topology's name; the transactional id and the
/// static member name are "<topology>.<instance>".
///
///     const weir::kafka::Cluster kafka{{.brokers = "localhost:9092"}};
///     topology.source(kafka.topic("clicks", weir::json<Click>()))
///         ...
///         .to(kafka.topic("visits", weir::json<Visit>()).keyed_by(&Visit::user));
///
/// Make one for each topology. Copies are the same cluster. Nothing is connected before the job
/// starts.
class Cluster final {
 public:
  explicit Cluster(ClusterOptions options)
      : session_{detail::KafkaSession::make(std::move(options))} {}

  /// A topic with values in this format.
  template <class T>
  Topic<T> topic(std::string name, Format<T> format) const {
    return Topic<T>{session_, std::move(name), std::move(format)};
  }
  /// A topic that holds the latest value per key: takes Change<K, V>, writes the new side, and a
  /// tombstone when a key has vanished. For compacted topics.
  ///
  ///     counts.changes().to(kafka.table("counts", text(), json<Count>()));
  template <class K, class V>
  TableTopic<K, V> table(std::string name, Format<K> key, Format<V> value) const {
    return TableTopic<K, V>{session_, std::move(name), std::move(key), std::move(value)};
  }

 private:
  std::shared_ptr<detail::KafkaSession> session_;  // Shared by all topics of the job.
};

}  // namespace weir::inline v0::kafka
