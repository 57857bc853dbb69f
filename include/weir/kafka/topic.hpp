// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/concepts.hpp"
#include "weir/detail/kafka/topic_sink.hpp"
#include "weir/detail/kafka/topic_source.hpp"
#include "weir/format.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka/received.hpp"
#include "weir/key.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::kafka {

/// A topic whose records' values are of type T: a source and a sink in one. A value; what is set on
/// a copy concerns that copy.
///
///     topology.source(kafka.topic("clicks", json<Click>()).from(Start::latest()))
///         ...
///         .to(kafka.topic("visits", json<Visit>()).keyed_by(&Visit::user));
///
/// As a source: records come with Kafka's record time as event time; event_time() can give them
/// another one. A value that the format refuses, and a tombstone, are bad records: the policy of
/// the source's on_error() decides. A split is a partition, named "topic/partition".
///
/// As a sink: a record's time in Kafka is its event time, never later than now (brokers refuse the
/// future); without one it is now. Mind that brokers also delete by it: a topic with a retention of
/// seven days soon loses results of last year's events, unless timed_by() says otherwise. Records
/// without a key go to partitions by turns, a batch to each. With exactly_once a reader sees them
/// when their checkpoint is committed, if it reads read_committed.
template <class T>
class Topic final {
 public:
  using value_type = T;

  Topic(std::shared_ptr<detail::KafkaSession> session, std::string name, Format<T> format)
      : session_{std::move(session)}, format_{std::move(format)} {
    encoding_.value = [format = format_](const T& value, std::string& out) {
      format.encode(value, out);
      return true;
    };
    sink_.topic = name;
    source_.topics.push_back(std::move(name));
  }

  // Of a source.

  /// Where partitions are read from that have no committed offset. Default: earliest.
  Topic from(Start start) const {
    return changed([&](Topic& topic) { topic.source_.start = start; });
  }
  /// Where reading ends. Default: never.
  Topic until(Until until) const {
    return changed([&](Topic& topic) { topic.source_.until = std::move(until); });
  }
  /// Reads this topic, too. A name that starts with '^' is a pattern; new topics and partitions are
  /// found while the job runs.
  Topic and_topic(std::string name) const {
    return changed([&](Topic& topic) { topic.source_.topics.push_back(std::move(name)); });
  }
  /// A source of whole records, with key, headers and place; tombstones are ordinary records there.
  std::shared_ptr<Source<Received<T>>> received() const {
    const auto decode = [format = format_](const FetchedRecords& fetched, std::size_t index,
                                           const TopicPartition& partition) {
      const RecordView& record = fetched.records()[index];
      Received<T> received;
      if (record.key) received.key.emplace(*record.key);
      if (record.value) received.value.emplace(format.decode(*record.value));
      for (const HeaderView& header : fetched.headers(index)) {
        Header& own = received.headers.emplace_back();
        own.name = header.name;
        if (header.value) own.value.emplace(*header.value);
      }
      received.topic = partition.topic;
      received.partition = partition.partition;
      received.offset = record.offset;
      received.time = record.time;
      return received;
    };
    return std::make_shared<detail::TopicSource<Received<T>, decltype(decode)>>(session_, source_,
                                                                                decode);
  }
  /// A source of values with the keys of their records. A record without a key is a bad one.
  ///
  ///     topology.source(kafka.topic("clicks", json<Click>()).with_keys(text()))
  ///         .key_by(&Keyed<std::string, Click>::key)
  template <class K>
  std::shared_ptr<Source<Keyed<K, T>>> with_keys(Format<K> key_format) const {
    const auto decode = [key_format, format = format_](const FetchedRecords& fetched,
                                                       std::size_t index,
                                                       const TopicPartition&) -> Keyed<K, T> {
      const RecordView& record = fetched.records()[index];
      if (!record.key) throw BadRecord{"no key"};
      if (!record.value) throw BadRecord{"no value (a tombstone); received() gives those, too"};
      return {key_format.decode(*record.key), format.decode(*record.value)};
    };
    return std::make_shared<detail::TopicSource<Keyed<K, T>, decltype(decode)>>(session_, source_,
                                                                                decode);
  }
  /// The topic as a source of values.
  std::shared_ptr<Source<T>> source() const {
    const auto decode = [format = format_](const FetchedRecords& fetched, std::size_t index,
                                           const TopicPartition&) -> T {
      const RecordView& record = fetched.records()[index];
      if (!record.value) throw BadRecord{"no value (a tombstone); received() gives those, too"};
      return format.decode(*record.value);
    };
    return std::make_shared<detail::TopicSource<T, decltype(decode)>>(session_, source_, decode);
  }
  operator std::shared_ptr<Source<T>>() const { return source(); }  // NOLINT: it is one.

  // Of a sink.

  /// What the key of a record is: text as it is, other types by their KeyCodec's bytes (numbers:
  /// big endian). Records of one key go to one partition, as Kafka's Java producer chooses it.
  template <KeySelector<T> F>
  Topic keyed_by(F selector) const {
    return changed([&](Topic& topic) {
      topic.encoding_.key = [selector](const T& value, std::string& out) {
        using K = std::remove_cvref_t<std::invoke_result_t<const F&, const T&>>;
        std::string scratch;
        out += KeyCodec<K>::bytes(std::invoke(selector, value), scratch);
        return true;
      };
    });
  }
  /// The same with a format for the key.
  template <KeySelector<T> F, class K>
  Topic keyed_by(F selector, Format<K> format) const {
    return changed([&](Topic& topic) {
      topic.encoding_.key = [selector, format](const T& value, std::string& out) {
        format.encode(std::invoke(selector, value), out);
        return true;
      };
    });
  }
  /// Another way from a key to a partition than that of Kafka's Java producer.
  Topic partitioned_by(ChooseKeyPartition choose) const {
    return changed([&](Topic& topic) { topic.sink_.partition_of_key = std::move(choose); });
  }
  /// Names the partition of each record, whatever its key. `(const T&) -> std::int32_t`. One that
  /// the topic does not have fails the job.
  Topic to_partition(std::function<std::int32_t(const T&)> choose) const {
    return changed([&](Topic& topic) { topic.encoding_.partition = std::move(choose); });
  }
  /// Names the topic of each record instead of this one: `(const T&) -> std::string`. It must
  /// exist, or the broker must be willing to make it.
  Topic to_topic(std::function<std::string(const T&)> choose) const {
    return changed([&](Topic& topic) {
      topic.encoding_.topic = std::move(choose);
      topic.sink_.topic.clear();
    });
  }
  /// Headers of each record: `(const T&) -> std::vector<Header>`.
  Topic headers(std::function<std::vector<Header>(const T&)> make) const {
    return changed([&](Topic& topic) { topic.encoding_.headers = std::move(make); });
  }
  /// Kafka's record time, instead of the event time: `(const T&) -> EventTime`.
  Topic timed_by(std::function<EventTime(const T&)> time) const {
    return changed([&](Topic& topic) { topic.encoding_.time = std::move(time); });
  }
  /// Records for which this says yes are written as tombstones: `(const T&) -> bool`. They need a
  /// key.
  Topic tombstone_if(std::function<bool(const T&)> is_tombstone) const {
    return changed([&](Topic& topic) {
      topic.encoding_.value = [is_tombstone = std::move(is_tombstone), format = format_](
                                  const T& value, std::string& out) {
        if (is_tombstone(value)) return false;
        format.encode(value, out);
        return true;
      };
    });
  }
  /// Which records of a key are written. Default: every one.
  Topic emit(Emit emit) const {
    return changed([&](Topic& topic) {
      topic.encoding_.is_latest_only = emit == Emit::latest_per_checkpoint;
    });
  }
  std::shared_ptr<Sink<T>> sink() const {
    return std::make_shared<detail::TopicSink<T>>(session_, sink_, encoding_);
  }
  operator std::shared_ptr<Sink<T>>() const { return sink(); }  // NOLINT: it is one.

 private:
  template <class Change>
  Topic changed(const Change& change) const {
    Topic copy = *this;
    change(copy);
    return copy;
  }

  std::shared_ptr<detail::KafkaSession> session_;  // Shared by all topics of the cluster.
  Format<T> format_;
  detail::TopicSourceSpec source_;
  detail::TopicSinkSpec sink_;
  detail::TopicEncoding<T> encoding_;
};

}  // namespace weir::inline v0::kafka
