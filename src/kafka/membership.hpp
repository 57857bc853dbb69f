// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kafka/client_metrics.hpp"
#include "weir/clock.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::detail {

/// What a membership tells the job that reads its partitions; any thread.
struct MembershipEvents {
  /// The group shares its partitions anew: a last checkpoint, then settle() again.
  std::function<void(const std::string& reason)> on_revoked;
  std::function<void(const kafka::KafkaError&)> on_failure;
};

/// A job's place in its consumer group, over all its attempts.
///
///     settle()* -> activate() -> read() ... on_revoked or a failure ... -> settle()* -> ...
///
/// Threads: a thread of its own polls the consumer, if it is not inline; everything else is called
/// by the thread that opens the job, but for what is marked.
class Membership final {
 public:
  struct Settings {
    std::string group;
    std::string member;
    std::vector<std::string> topics;  ///< Names and patterns.
    const Clock* clock = nullptr;
    bool is_inline = false;  ///< No thread: who calls settle() and poll() drives it.
  };

  Membership(std::shared_ptr<kafka::KafkaClient> client, const kafka::ClusterOptions& options,
             ClientMetrics& metrics, Settings settings);
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership();

  /// Takes part, gives up what was revoked, waits for partitions. Readers have to be gone. Throws
  /// NotReady, which says what is waited for, and KafkaError.
  void settle();
  /// From now on `events` hears of what happens; until deactivate().
  void activate(MembershipEvents events);
  void deactivate();
  /// What this member has, settled.
  const std::vector<kafka::TopicPartition>& assigned() const noexcept { return settled_; }
  /// All partitions of the subscription. Throws NotReady, KafkaError.
  std::vector<kafka::TopicPartition> all_partitions();
  /// What the group has committed of all of them. Throws NotReady, KafkaError.
  kafka::CommittedOffsets committed(const std::vector<kafka::TopicPartition>& partitions);
  /// Serves what has happened; when inline, by any caller.
  void poll_inline();

  bool is_made() const noexcept { return consumer_ != nullptr; }
  /// Any thread.
  kafka::Consumer& consumer() noexcept { return *consumer_; }
  /// Whether what was settled has not been revoked. Any thread.
  bool has_partitions() const noexcept { return has_partitions_.load(); }
  /// The last error that the client reported, with its age; empty: none. Any thread.
  std::string last_error() const;
  /// Why partitions were shared anew last; any thread.
  std::string last_rebalance() const;

 private:
  enum class Phase : std::uint8_t { joining, assigned, revoked, lost };

  void make();
  void drop();
  kafka::ConsumerEvents consumer_events();
  void on_assigned(const std::vector<kafka::TopicPartition>& partitions);
  void on_revoked(bool is_lost);
  void on_error(const kafka::KafkaError& error);
  void run();
  std::string waiting_text(const std::string& what) const;
  void check_patience() const;

  const std::shared_ptr<kafka::KafkaClient> client_;  // Shared with the session.
  const kafka::ClusterOptions& options_;
  ClientMetrics& metrics_;
  const Settings settings_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<kafka::TopicPartition> settled_;
  std::int64_t joining_since_ns_ = 0;

  std::thread thread_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> has_partitions_{false};

  mutable std::mutex mutex_;  // Guards what follows; held for no call but those of events_.
  Phase phase_ = Phase::joining;
  std::vector<kafka::TopicPartition> assigned_;
  std::optional<kafka::KafkaError> broken_;  // The consumer is of no use any more.
  std::string last_error_;
  std::int64_t last_error_ns_ = 0;
  std::string last_rebalance_;
  MembershipEvents events_;
};

}  // namespace weir::inline v0::detail
