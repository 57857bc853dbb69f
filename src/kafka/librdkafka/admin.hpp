// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "weir/kafka_client.hpp"

struct rd_kafka_s;

namespace weir::inline v0::kafka::librdkafka {

/// As KafkaClient's functions of these names. Throw KafkaError. Any thread.
void create_topic(rd_kafka_s& client, const std::string& topic, const NewTopic& wanted,
                  Duration timeout);
void delete_records(rd_kafka_s& client, const std::map<TopicPartition, std::int64_t>& before,
                    Duration timeout);

}  // namespace weir::inline v0::kafka::librdkafka
