// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// What readers leave for the thread that polls the consumer to report. Thread-safe.
class ErrorBox final {
 public:
  void put(KafkaError error);
  std::vector<KafkaError> take();

 private:
  std::mutex mutex_;  // Touched when something went wrong, and once per poll.
  std::vector<KafkaError> errors_;
};

/// What a consumer and its readers share.
struct ReaderContext {
  SharedClient client;
  std::shared_ptr<ErrorBox> errors;
  std::shared_ptr<std::atomic<int>> reader_count;
  /// Wakes librdkafka's fetching threads; empty: this version wakes up by itself.
  std::function<void()> wake_fetcher;
  /// Records of a partition that librdkafka fetches ahead before it stops, and bytes.
  std::size_t ahead_records_max = 0;
  std::size_t ahead_bytes_max = 0;
};

/// Where the reading of a partition has got to; outlives readers, up to the next assignment.
using Place = std::shared_ptr<std::atomic<std::int64_t>>;

/// Reads the queue of one partition.
///
/// 1. No record is returned twice, and none is passed over: the queue is in order, the next
///    expected offset only grows, and what is below it is dropped.
/// 2. No wake-up is lost: librdkafka calls when its queue was empty and is not any more; fetch()
///    returns null only after it has found the queue empty.
/// 3. After ~Reader the wake function is not called any more: it is called and taken out under the
///    lock of the queue.
class Reader final : public PartitionReader {
 public:
  Reader(ReaderContext context, TopicPartition partition, Place place, std::function<void()> wake);
  ~Reader() override;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::unique_ptr<FetchedRecords> fetch(std::size_t record_count_max) override;
  std::int64_t position() const override { return place_->load(std::memory_order_relaxed); }
  bool is_at_end() const override;
  std::optional<std::int64_t> end_offset() const override;

 private:
  /// Takes over all of `scratch_` that was filled.
  std::unique_ptr<FetchedRecords> take(std::size_t count);
  void take_event(const rd_kafka_message_s& event);
  void note_end(std::int64_t offset);
  void wake_fetcher_if_drained(std::size_t queued, std::size_t taken, std::size_t bytes);

  const ReaderContext context_;  // The client goes last.
  const TopicPartition partition_;
  const Place place_;
  const std::function<void()> wake_;
  QueuePtr queue_;
  std::vector<rd_kafka_message_s*> scratch_;
  std::optional<KafkaError> failure_;  // Thrown when what came before it was fetched.
  bool was_full_ = false;
  std::atomic<std::int64_t> end_ = -1;  // Where the broker said that it ends; -1: more came since.
};

}  // namespace weir::inline v0::kafka::librdkafka
