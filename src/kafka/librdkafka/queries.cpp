// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/queries.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "kafka/librdkafka/errors.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

Duration left_until(SteadyClock::time_point deadline) {
  const auto left = std::chrono::duration_cast<Duration>(deadline - SteadyClock::now());
  return std::max(left, Duration{0});
}

void add(rd_kafka_topic_partition_list_s& list, const TopicPartition& partition,
         std::int64_t offset) {
  rd_kafka_topic_partition_list_add(&list, partition.topic.c_str(), partition.partition)->offset =
      offset;
}

/// librdkafka frees it with free().
void set_metadata(rd_kafka_topic_partition_t& entry, const std::string& metadata) {
  entry.metadata = std::malloc(metadata.size());
  if (entry.metadata == nullptr) throw std::bad_alloc{};
  std::memcpy(entry.metadata, metadata.data(), metadata.size());
  entry.metadata_size = metadata.size();
}

/// Throws the first error of a partition.
void check_partitions(const rd_kafka_topic_partition_list_s& list, const std::string& what) {
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list.elems[i];
    check(entry.err, what + " of " + text_of({entry.topic, entry.partition}));
  }
}

CommittedOffsets committed_in(const rd_kafka_topic_partition_list_s& list) {
  CommittedOffsets offsets;
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list.elems[i];
    if (entry.offset < 0) continue;  // Nothing is committed.
    CommittedOffset& offset = offsets[{entry.topic, entry.partition}];
    offset.offset = entry.offset;
    offset.metadata.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
  }
  return offsets;
}

struct CommitResult {
  bool is_known = false;
  int code = RD_KAFKA_RESP_ERR_NO_ERROR;
  int partition_code = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void note_commit(rd_kafka_t* /*client*/, rd_kafka_resp_err_t code,
                 rd_kafka_topic_partition_list_t* offsets, void* opaque) {
  CommitResult& result = *static_cast<CommitResult*>(opaque);
  result.is_known = true;
  result.code = code;
  for (int i = 0; offsets != nullptr && i < offsets->cnt; ++i) {
    if (offsets->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      result.partition_code = offsets->elems[i].err;
    }
  }
}

}  // namespace

int timeout_ms(Duration timeout) noexcept {
  return static_cast<int>(
      std::clamp<std::int64_t>(timeout.count(), 0, std::numeric_limits<int>::max()));
}

std::string text_of(const TopicPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.partition);
}

PartitionListPtr list_of(const std::vector<TopicPartition>& partitions) {
  PartitionListPtr list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const TopicPartition& partition : partitions) {
    add(*list, partition, RD_KAFKA_OFFSET_INVALID);
  }
  return list;
}

PartitionListPtr list_of(const CommittedOffsets& offsets) {
  PartitionListPtr list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& [partition, place] : offsets) {
    // librdkafka drops what is not a number of a record from the list and reports success.
    WEIR_ASSERT(place.offset >= 0, "offset", place.offset);
    add(*list, partition, place.offset);
    if (!place.metadata.empty()) set_metadata(list->elems[list->cnt - 1], place.metadata);
  }
  return list;
}

std::vector<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_s& list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  }
  return partitions;
}

CommittedOffsets committed(rd_kafka_s& client, const std::vector<TopicPartition>& partitions,
                           Duration timeout) {
  if (partitions.empty()) return {};
  static const std::string what = "committed offsets";
  const PartitionListPtr list = list_of(partitions);
  // Waits for open transactions by itself, because the client reads committed records only.
  check(rd_kafka_committed(&client, list.get(), timeout_ms(timeout)), what);
  check_partitions(*list, what);
  return committed_in(*list);
}

void commit(rd_kafka_s& client, const CommittedOffsets& offsets, Duration timeout) {
  if (offsets.empty()) return;
  static const std::string what = "commit of offsets";
  const PartitionListPtr list = list_of(offsets);
  // The plain call waits without a limit. What comes late falls to the queue's end.
  CommitResult result;
  const QueuePtr queue{rd_kafka_queue_new(&client)};
  check(rd_kafka_commit_queue(&client, list.get(), queue.get(), note_commit, &result), what);
  const auto deadline = SteadyClock::now() + timeout;
  do {
    rd_kafka_queue_poll_callback(queue.get(), timeout_ms(left_until(deadline)));
  } while (!result.is_known && SteadyClock::now() < deadline);
  check(result.is_known ? result.code : RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  check(result.partition_code, what);
}

std::pair<std::int64_t, std::int64_t> offset_range(rd_kafka_s& client,
                                                   const TopicPartition& partition,
                                                   Duration timeout) {
  std::int64_t first = 0;
  std::int64_t end = 0;
  check(rd_kafka_query_watermark_offsets(&client, partition.topic.c_str(), partition.partition,
                                         &first, &end, timeout_ms(timeout)),
        "offsets of " + text_of(partition));
  return {first, end};
}

std::optional<std::int64_t> offset_at(rd_kafka_s& client, const TopicPartition& partition,
                                      EventTime time, Duration timeout) {
  const std::string what = "offset by time of " + text_of(partition);
  // Negative numbers stand for the ends of the partition there.
  const PartitionListPtr list{rd_kafka_topic_partition_list_new(1)};
  add(*list, partition, std::max<std::int64_t>(time.ms(), 0));
  check(rd_kafka_offsets_for_times(&client, list.get(), timeout_ms(timeout)), what);
  check_partitions(*list, what);
  const std::int64_t offset = list->elems[0].offset;
  return offset < 0 ? std::nullopt : std::optional{offset};
}

}  // namespace weir::inline v0::kafka::librdkafka
