// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/broker.hpp"
#include "weir/kafka_client.hpp"

namespace kafka_test {

/// No wait of a test takes longer.
constexpr weir::Duration kLimit{30'000};

/// For records: brokers delete those that are old.
weir::EventTime now();

/// A member of a group as a test needs it: what it is told is kept.
class Member final {
 public:
  explicit Member(weir::kafka::ConsumerSettings settings);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  weir::kafka::Consumer& consumer() { return *consumer_; }
  weir::kafka::Consumer* operator->() { return consumer_.get(); }
  /// Ends it, as its destructor does.
  void leave() { consumer_.reset(); }

  /// Polls until it holds; false when it does not within the limit.
  bool poll_until(const std::function<bool()>& holds, weir::Duration limit = kLimit);
  /// Subscribes and waits for partitions; throws std::runtime_error when none come.
  void join(const std::string& topic);
  /// Reads from what the group has committed, from the start where it has nothing.
  void assign_committed();

  // Of the last assignment; empty while there is none.
  std::optional<std::vector<weir::kafka::TopicPartition>> assigned;
  int revocations = 0;
  std::vector<weir::kafka::KafkaError> errors;
  /// Called by on_revoked, with what it is told.
  std::function<void(bool)> on_revoked;

 private:
  std::unique_ptr<weir::kafka::Consumer> consumer_;
};

/// A record that was read, with all that it refers to.
struct Got {
  std::int64_t offset = 0;
  std::int64_t time_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// Takes what is here already.
std::vector<Got> take(weir::kafka::PartitionReader& reader, std::size_t record_count_max = 100);
/// Reads until is_at_end(); throws std::runtime_error when that takes too long.
std::vector<Got> read_to_end(Member& member, weir::kafka::PartitionReader& reader);
std::vector<std::string> values(const std::vector<Got>& records);

/// The settings of a client as the door takes them.
weir::kafka::ConsumerSettings consumer_settings(const ClientSettings& client,
                                                const std::string& group);
weir::kafka::ProducerSettings producer_settings(const ClientSettings& client,
                                                const std::string& transactional_id = {});
/// One whose transactions may begin, and which knows the topic.
std::unique_ptr<weir::kafka::Producer> transactional_producer(const ClientSettings& client,
                                                              const std::string& id,
                                                              const std::string& topic);

/// The kind of the KafkaError that a call throws; fails the test when it throws nothing.
weir::kafka::KafkaError error_in(const std::function<void()>& call);

}  // namespace kafka_test
