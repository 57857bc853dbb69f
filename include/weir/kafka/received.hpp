// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/kafka_client.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::kafka {

/// A record of a topic with everything that Kafka knows of it.
template <class T>
struct Received {
  std::optional<std::string> key;
  std::optional<T> value;  ///< Empty: a tombstone.
  std::vector<Header> headers;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  EventTime time;  ///< As the topic has it: create time or log append time.

  friend bool operator==(const Received&, const Received&) = default;
};

}  // namespace weir::inline v0::kafka
