// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "kafka/broker.hpp"

// Owners of what librdkafka hands out. Only sources include this.
namespace kafka_test {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* owned) const {
    destroy(owned);
  }
};

using Handle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Destroy<rd_kafka_topic_partition_list_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;

/// Throws std::runtime_error unless `code` is success.
inline void check(rd_kafka_resp_err_t code, const std::string& what) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  throw std::runtime_error{what + ": " + rd_kafka_err2str(code)};
}

/// Throws std::runtime_error if there is an error, and destroys it.
inline void check(rd_kafka_error_t* error, const std::string& what) {
  const std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>> owned{error};
  if (!owned) return;
  throw std::runtime_error{what + ": " + rd_kafka_error_string(owned.get())};
}

/// A new client, which reports `events` by its main queue, and logs only what is dire: what goes
/// wrong is thrown. Throws std::runtime_error if librdkafka refuses its settings.
inline Handle make_client(rd_kafka_type_t type, ClientSettings settings, int events = 0) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_events(conf, events);
  settings.emplace("log_level", "0");
  std::string reason(512, '\0');
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error{reason.c_str()};
    }
  }
  rd_kafka_t* made = rd_kafka_new(type, conf, reason.data(), reason.size());
  if (made != nullptr) return Handle{made};
  rd_kafka_conf_destroy(conf);
  throw std::runtime_error{reason.c_str()};
}

}  // namespace kafka_test
