// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/handles.hpp"

#include <librdkafka/rdkafka.h>

namespace weir::inline v0::kafka::librdkafka {

void Deleter::operator()(rd_kafka_conf_s* conf) const noexcept { rd_kafka_conf_destroy(conf); }

void Deleter::operator()(rd_kafka_consumer_group_metadata_s* group) const noexcept {
  rd_kafka_consumer_group_metadata_destroy(group);
}

void Deleter::operator()(rd_kafka_error_s* error) const noexcept { rd_kafka_error_destroy(error); }

void Deleter::operator()(rd_kafka_message_s* message) const noexcept {
  rd_kafka_message_destroy(message);
}

void Deleter::operator()(const struct rd_kafka_metadata* metadata) const noexcept {
  rd_kafka_metadata_destroy(metadata);
}

void Deleter::operator()(rd_kafka_op_s* event) const noexcept { rd_kafka_event_destroy(event); }

void Deleter::operator()(rd_kafka_queue_s* queue) const noexcept { rd_kafka_queue_destroy(queue); }

void Deleter::operator()(rd_kafka_topic_partition_list_s* list) const noexcept {
  rd_kafka_topic_partition_list_destroy(list);
}

void Deleter::operator()(rd_kafka_topic_s* topic) const noexcept { rd_kafka_topic_destroy(topic); }

void Deleter::operator()(rd_kafka_s* client) const noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace weir::inline v0::kafka::librdkafka
