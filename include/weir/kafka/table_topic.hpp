// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weir/detail/kafka/topic_sink.hpp"
#include "weir/format.hpp"
#include "weir/kafka/options.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::kafka {

/// A topic that holds the latest value per key: a sink of changes. A change without a new side is
/// written as a tombstone.
///
///     {"a", 1, 2}        ->  key a, value 2
///     {"a", 2, nullopt}  ->  key a, no value
template <class K, class V>
class TableTopic final {
 public:
  using value_type = Change<K, V>;

  TableTopic(std::shared_ptr<detail::KafkaSession> session, std::string name, Format<K> key,
             Format<V> value)
      : session_{std::move(session)} {
    sink_.topic = std::move(name);
    encoding_.key = [key = std::move(key)](const value_type& change, std::string& out) {
      key.encode(change.key, out);
      return true;
    };
    encoding_.value = [value = std::move(value)](const value_type& change, std::string& out) {
      if (!change.now) return false;
      value.encode(*change.now, out);
      return true;
    };
  }

  /// Which changes of a key are written. Default: every one. latest_per_checkpoint gives a running
  /// aggregate several times the throughput, as the record cache of Kafka Streams does.
  TableTopic emit(Emit emit) const {
    TableTopic copy = *this;
    copy.encoding_.is_latest_only = emit == Emit::latest_per_checkpoint;
    return copy;
  }
  /// Another way from a key to a partition than that of Kafka's Java producer.
  TableTopic partitioned_by(ChooseKeyPartition choose) const {
    TableTopic copy = *this;
    copy.sink_.partition_of_key = std::move(choose);
    return copy;
  }

  std::shared_ptr<Sink<value_type>> sink() const {
    return std::make_shared<detail::TopicSink<value_type>>(session_, sink_, encoding_);
  }
  operator std::shared_ptr<Sink<value_type>>() const { return sink(); }  // NOLINT: it is one.

 private:
  std::shared_ptr<detail::KafkaSession> session_;  // Shared by all topics of the cluster.
  detail::TopicSinkSpec sink_;
  detail::TopicEncoding<value_type> encoding_;
};

}  // namespace weir::inline v0::kafka
