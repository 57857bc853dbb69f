// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/send_queue.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::detail {

/// The producer of a job, what waits in front of it, and when it may go on.
///
/// Invariants:
/// 1. A record that a writer got before barrier N and after N-1 is in transaction N, no other: a
///    writer that has passed a barrier of the transaction at hand does not send.
/// 2. What a writer could not send before its barrier is sent before the commit, and before
///    anything later of that writer.
///
/// Threads: open() and close() while there are no writers; workers send; begin() and the rest from
/// the storage thread.
class Output final {
 public:
  struct Settings {
    std::string transactional_id;  ///< Empty: no transactions; the gates are always open.
    Duration transaction_timeout{0};
    std::function<void(const kafka::KafkaError&)> on_error;    ///< Passes by itself, mostly.
    std::function<void(const kafka::KafkaError&)> on_failure;  ///< A record is lost.
    std::function<void(const std::string& json)> on_statistics;
  };

  Output(std::shared_ptr<kafka::KafkaClient> client, const kafka::ClusterOptions& options)
      : client_{std::move(client)}, options_{options} {}

  /// A new producer, in place of any other. Then init() until it returns.
  void open(Settings settings);
  /// Throws retriable: to be called again.
  void init(Duration at_most);
  void close();
  bool is_transactional() const noexcept { return is_transactional_; }
  bool is_made() const noexcept { return producer_ != nullptr; }
  kafka::Producer& producer() noexcept { return *producer_; }

  /// The topic of that name, which may not be known to the producer yet.
  OutputTopic& topic(const std::string& name);
  /// Asks the cluster for the topic. Throws KafkaError.
  void make_known(OutputTopic& topic, Duration at_most);

  /// A new transaction: the gates open.
  void begin();
  bool is_open(std::uint64_t barriers) const noexcept {
    return !is_transactional_ || begun_.load(std::memory_order_acquire) == barriers + 1;
  }
  /// Takes what a writer could not send before its barrier.
  void leave(std::shared_ptr<SendQueue> queue);
  /// Sends what was left. Returns whether all of it was.
  bool send_left(Duration at_most);

  /// `wake` is called when a writer may go on; until the handle goes.
  std::shared_ptr<void> on_room(std::function<void()> wake);
  void wake_all();

 private:
  class WakeHandle;

  const std::shared_ptr<kafka::KafkaClient> client_;  // Shared with the session.
  const kafka::ClusterOptions& options_;
  bool is_transactional_ = false;
  std::unique_ptr<kafka::Producer> producer_;
  std::atomic<std::uint64_t> begun_{0};  // Transactions since open().

  std::mutex mutex_;  // Guards what follows; held for no call of the producer.
  std::deque<OutputTopic> topics_;
  std::vector<std::shared_ptr<SendQueue>> left_;
  std::map<const void*, std::function<void()>> wakes_;
};

}  // namespace weir::inline v0::detail
