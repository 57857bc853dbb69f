// SPDX-License-Identifier: Apache-2.0
#include "kafka/client_metrics.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace weir::inline v0::detail {
namespace {

using Json = nlohmann::json;
using Labels = std::map<std::string, std::string>;

Metric metric_of(std::string name, MetricKind kind, Labels labels, double value) {
  return {std::move(name), kind, std::move(labels), value, {}};
}

/// A number of the statistics; 0 where this version of the library has none.
double number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

void add_totals(const Json& root, const std::string& client, std::vector<Metric>& out) {
  struct Total {
    const char* field;
    const char* name;
    const char* direction;
  };
  constexpr std::array kTotals{Total{"txmsgs", "kafka_client_messages_total", "out"},
                               Total{"rxmsgs", "kafka_client_messages_total", "in"},
                               Total{"tx_bytes", "kafka_client_bytes_total", "out"},
                               Total{"rx_bytes", "kafka_client_bytes_total", "in"}};
  for (const Total& total : kTotals) {
    out.push_back(metric_of(total.name, MetricKind::counter,
                            {{"client", client}, {"direction", total.direction}},
                            number(root, total.field)));
  }
  out.push_back(metric_of("kafka_client_queue_messages", MetricKind::gauge, {{"client", client}},
                          number(root, "msg_cnt")));
  out.push_back(metric_of("kafka_client_queue_bytes", MetricKind::gauge, {{"client", client}},
                          number(root, "msg_size")));
}

/// Brokers that were talked to; their times are in microseconds.
void add_brokers(const Json& root, const std::string& client, std::vector<Metric>& out) {
  const auto brokers = root.find("brokers");
  if (brokers == root.end() || !brokers->is_object()) return;
  for (const auto& [key, broker] : brokers->items()) {
    const auto rtt = broker.find("rtt");
    if (rtt == broker.end() || number(*rtt, "cnt") == 0) continue;
    const std::string name = broker.value("name", key);
    for (const auto& [quantile, field] : {std::pair{"0.5", "p50"}, std::pair{"0.99", "p99"}}) {
      out.push_back(metric_of("kafka_broker_rtt_ms", MetricKind::gauge,
                              {{"client", client}, {"broker", name}, {"quantile", quantile}},
                              number(*rtt, field) / 1000));
    }
  }
}

}  // namespace

void ClientMetrics::Histogram::observe(double value) {
  std::size_t bucket = 0;
  while (bucket < kBoundsMs.size() && value > kBoundsMs[bucket]) ++bucket;
  ++counts[bucket];
  sum += value;
}

Metric ClientMetrics::Histogram::metric(std::string name) const {
  Metric metric = metric_of(std::move(name), MetricKind::histogram, {}, sum);
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
    below += counts[bucket];
    const double bound =
        bucket < kBoundsMs.size() ? kBoundsMs[bucket] : std::numeric_limits<double>::infinity();
    metric.buckets.push_back({bound, below});
  }
  return metric;
}

void ClientMetrics::on_commit(double transaction_ms, double commit_ms) {
  const std::lock_guard lock{mutex_};
  ++commits_;
  transactions_.observe(transaction_ms);
  commit_waits_.observe(commit_ms);
}

void ClientMetrics::on_rebalance(bool is_lost) {
  const std::lock_guard lock{mutex_};
  ++rebalances_[is_lost ? "lost" : "revoked"];
}

void ClientMetrics::on_error(const std::string& client) {
  const std::lock_guard lock{mutex_};
  ++errors_[client];
}

void ClientMetrics::on_statistics(const std::string& client, const std::string& json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return;  // Nothing that a job should fail for.
  std::vector<Metric> metrics;
  add_totals(root, client, metrics);
  add_brokers(root, client, metrics);
  const std::lock_guard lock{mutex_};
  statistics_[client] = std::move(metrics);
}

std::vector<Metric> ClientMetrics::all() const {
  const std::lock_guard lock{mutex_};
  std::vector<Metric> metrics;
  metrics.push_back(metric_of("kafka_transactions_total", MetricKind::counter, {},
                              static_cast<double>(commits_)));
  metrics.push_back(transactions_.metric("kafka_transaction_duration_ms"));
  metrics.push_back(commit_waits_.metric("kafka_commit_duration_ms"));
  for (const auto& [kind, count] : rebalances_) {
    metrics.push_back(metric_of("kafka_rebalances_total", MetricKind::counter, {{"kind", kind}},
                                static_cast<double>(count)));
  }
  for (const auto& [client, count] : errors_) {
    metrics.push_back(metric_of("kafka_client_errors_total", MetricKind::counter,
                                {{"client", client}}, static_cast<double>(count)));
  }
  for (const auto& [client, all] : statistics_) {
    metrics.insert(metrics.end(), all.begin(), all.end());
  }
  return metrics;
}

}  // namespace weir::inline v0::detail
