// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// Writes records, in transactions where it has an id for them.
///
/// A thread of its own takes what librdkafka reports, as events: with callbacks, flush() and so
/// each commit would be up to 10 ms later. Only failed deliveries are reported.
class QueueProducer final : public Producer {
 public:
  explicit QueueProducer(ProducerSettings settings);
  ~QueueProducer() override;
  QueueProducer(const QueueProducer&) = delete;
  QueueProducer& operator=(const QueueProducer&) = delete;

  std::int32_t add_topic(const std::string& name, Duration timeout) override;
  std::size_t produce(const std::string& topic, const std::vector<RecordToWrite>& records) override;
  void flush(Duration timeout) override;
  /// The bytes are estimated: by the mean size of the records since the queue was last empty.
  std::pair<std::uint64_t, std::uint64_t> queued() const override;

  void init_transactions(Duration timeout) override;
  void begin_transaction() override;
  void send_offsets(const CommittedOffsets& offsets, const std::string& group_name,
                    const std::shared_ptr<GroupMetadata>& group, Duration timeout) override;
  void commit_transaction(Duration timeout) override;

 private:
  rd_kafka_topic_s& topic(const std::string& name) const;
  /// Whether it was taken; false: the queue is full.
  bool produce_one(rd_kafka_topic_s& topic, const RecordToWrite& record);
  [[noreturn]] void throw_produce_error(const rd_kafka_error_s& error, const RecordToWrite& record,
                                        rd_kafka_topic_s& topic);
  void count(std::size_t records, std::size_t bytes);
  void wait_for_room();
  void throw_delivery_error() const;
  void check_alive() const;

  // On the thread that drains.
  void drain();
  void take(rd_kafka_op_s& event);
  void take_failed_deliveries(rd_kafka_op_s& event);
  void announce_room();

  const ProducerSettings settings_;
  ClientPtr client_;
  QueuePtr events_;

  mutable std::shared_mutex topics_mutex_;  // Workers look up while another topic is added.
  std::map<std::string, TopicPtr, std::less<>> topics_;

  mutable std::mutex failure_mutex_;   // Touched when a delivery fails, and once per flush.
  std::optional<KafkaError> failure_;  // The first one.

  // How many were queued when it was full; 0: nobody waits for room.
  std::atomic<std::uint64_t> full_at_ = 0;
  std::atomic<std::uint64_t> counted_records_ = 0;
  std::atomic<std::uint64_t> counted_bytes_ = 0;

  std::atomic<bool> is_stopping_ = false;
  std::thread drainer_;  // Started last, joined first.
};

}  // namespace weir::inline v0::kafka::librdkafka
