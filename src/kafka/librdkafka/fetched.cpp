// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/fetched.hpp"

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string_view>
#include <utility>

namespace weir::inline v0::kafka::librdkafka {
namespace {

std::optional<std::string_view> bytes(const void* data, std::size_t size) noexcept {
  if (data == nullptr) return std::nullopt;
  return std::string_view{static_cast<const char*>(data), size};
}

EventTime time_of(const rd_kafka_message_s& message) noexcept {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? EventTime::min() : EventTime{ms};
}

}  // namespace

Fetched::Fetched(SharedClient client, std::size_t record_count_max) : client_{std::move(client)} {
  messages_.reserve(record_count_max);
  records_.reserve(record_count_max);
}

Fetched::~Fetched() {
  for (rd_kafka_message_s* message : messages_) rd_kafka_message_destroy(message);
}

void Fetched::add(MessagePtr message) noexcept {
  records_.push_back(RecordView{.key = bytes(message->key, message->key_len),
                                .value = bytes(message->payload, message->len),
                                .offset = message->offset,
                                .time = time_of(*message)});
  messages_.push_back(message.release());
}

std::vector<HeaderView> Fetched::headers(std::size_t record) const {
  std::vector<HeaderView> found;
  rd_kafka_headers_t* headers = nullptr;
  // Parsed on demand; most readers never ask.
  if (rd_kafka_message_headers(messages_.at(record), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return found;
  }
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    found.push_back({name, bytes(value, size)});
  }
  return found;
}

}  // namespace weir::inline v0::kafka::librdkafka
