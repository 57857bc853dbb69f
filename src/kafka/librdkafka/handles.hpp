// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

// librdkafka's own header stays in .cpp files.
struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_consumer_group_metadata_s;
struct rd_kafka_error_s;
struct rd_kafka_message_s;
struct rd_kafka_metadata;
struct rd_kafka_op_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_topic_s;

namespace weir::inline v0::kafka::librdkafka {

/// Frees what librdkafka allocated.
struct Deleter {
  void operator()(rd_kafka_conf_s* conf) const noexcept;
  void operator()(rd_kafka_consumer_group_metadata_s* group) const noexcept;
  void operator()(rd_kafka_error_s* error) const noexcept;
  void operator()(rd_kafka_message_s* message) const noexcept;
  void operator()(const struct rd_kafka_metadata* metadata) const noexcept;
  void operator()(rd_kafka_op_s* event) const noexcept;
  void operator()(rd_kafka_queue_s* queue) const noexcept;
  void operator()(rd_kafka_topic_partition_list_s* list) const noexcept;
  void operator()(rd_kafka_topic_s* topic) const noexcept;
  /// A client: does not leave its group. Hangs as long as queues and messages of it are left.
  void operator()(rd_kafka_s* client) const noexcept;
};

using ConfPtr = std::unique_ptr<rd_kafka_conf_s, Deleter>;
using GroupMetadataPtr = std::unique_ptr<rd_kafka_consumer_group_metadata_s, Deleter>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_s, Deleter>;
using MessagePtr = std::unique_ptr<rd_kafka_message_s, Deleter>;
using MetadataPtr = std::unique_ptr<const struct rd_kafka_metadata, Deleter>;
using EventPtr = std::unique_ptr<rd_kafka_op_s, Deleter>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_s, Deleter>;
using PartitionListPtr = std::unique_ptr<rd_kafka_topic_partition_list_s, Deleter>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_s, Deleter>;
using ClientPtr = std::unique_ptr<rd_kafka_s, Deleter>;
/// Shared by a consumer, its readers and what they have fetched, because librdkafka waits for all
/// of these when a client is destroyed: so the last of them does that.
using SharedClient = std::shared_ptr<rd_kafka_s>;

}  // namespace weir::inline v0::kafka::librdkafka
