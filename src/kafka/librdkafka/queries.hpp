// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

/// Questions to the brokers, answered within a limit; the answers are weir's own types. All throw
/// KafkaError. Any thread.
namespace weir::inline v0::kafka::librdkafka {

/// As the calls of librdkafka take it.
int timeout_ms(Duration timeout) noexcept;
std::string text_of(const TopicPartition& partition);

PartitionListPtr list_of(const std::vector<TopicPartition>& partitions);
PartitionListPtr list_of(const CommittedOffsets& offsets);
std::vector<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_s& list);

/// As Consumer's functions of these names.
CommittedOffsets committed(rd_kafka_s& client, const std::vector<TopicPartition>& partitions,
                           Duration timeout);
void commit(rd_kafka_s& client, const CommittedOffsets& offsets, Duration timeout);
std::vector<TopicPartition> partitions(rd_kafka_s& client, const std::vector<std::string>& topics,
                                       Duration timeout);
std::pair<std::int64_t, std::int64_t> offset_range(rd_kafka_s& client,
                                                   const TopicPartition& partition,
                                                   Duration timeout);
std::optional<std::int64_t> offset_at(rd_kafka_s& client, const TopicPartition& partition,
                                      EventTime time, Duration timeout);

}  // namespace weir::inline v0::kafka::librdkafka
