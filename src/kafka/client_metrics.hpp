// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "weir/metrics.hpp"

namespace weir::inline v0::detail {

/// What is counted of a job's connection to a cluster. Any thread.
///
/// | metric | what |
/// | --- | --- |
/// | kafka_transactions_total | committed ones; with at_least_once: commits of offsets |
/// | kafka_transaction_duration_ms | from the begin of a transaction to its commit |
/// | kafka_commit_duration_ms | from the flush to the commit, as the broker makes them wait |
/// | kafka_rebalances_total{kind} | kind: revoked, lost |
/// | kafka_client_errors_total{client} | what the client library reported; most of it passes by
/// itself | | kafka_client_messages_total, _bytes_total {client, direction} | as librdkafka counts
/// them | | kafka_client_queue_messages, _bytes {client} | waiting in the client | |
/// kafka_broker_rtt_ms{client, broker, quantile} | how long a broker takes to answer |
class ClientMetrics final {
 public:
  void on_commit(double transaction_ms, double commit_ms);
  void on_rebalance(bool is_lost);
  void on_error(const std::string& client);
  /// The client library's statistics; `client`: "consumer" or "producer".
  void on_statistics(const std::string& client, const std::string& json);
  std::vector<Metric> all() const;

 private:
  static constexpr std::array<double, 12> kBoundsMs{1,   2,   5,   10,   20,   50,
                                                    100, 200, 500, 1000, 2000, 5000};
  struct Histogram {
    std::array<std::uint64_t, kBoundsMs.size() + 1> counts{};
    double sum = 0;

    void observe(double value);
    Metric metric(std::string name) const;
  };

  mutable std::mutex mutex_;  // Guards everything; several threads report, seldom.
  std::uint64_t commits_ = 0;
  Histogram transactions_;
  Histogram commit_waits_;
  std::map<std::string, std::uint64_t> rebalances_{{"lost", 0}, {"revoked", 0}};
  std::map<std::string, std::uint64_t> errors_{{"consumer", 0}, {"producer", 0}};
  std::map<std::string, std::vector<Metric>> statistics_;  // The last ones, by client.
};

}  // namespace weir::inline v0::detail
