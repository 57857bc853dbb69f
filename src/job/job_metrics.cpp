// SPDX-License-Identifier: Apache-2.0
#include "job/job_metrics.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "graph/authority.hpp"
#include "runtime/shard_task.hpp"
#include "runtime/split_task.hpp"
#include "weir/detail/state/shard_state.hpp"

namespace weir::inline v0::detail {
namespace {

using Labels = std::map<std::string, std::string>;

/// Adds up what the tasks of one node counted.
struct NodeTotals {
  std::uint64_t in = 0, out = 0, filtered = 0, late_dropped = 0, late_diverted = 0;
  std::uint64_t misses = 0, failed = 0, skipped = 0, dead_lettered = 0, undecodable = 0, bytes = 0;

  void add(const NodeMetrics& counts) {
    in += counts.records_in.get();
    out += counts.records_out.get();
    filtered += counts.filtered.get();
    late_dropped += counts.late_dropped.get();
    late_diverted += counts.late_diverted.get();
    misses += counts.late_window_misses.get();
    failed += counts.failed.get();
    skipped += counts.skipped.get();
    dead_lettered += counts.dead_lettered.get();
    undecodable += counts.undecodable.get();
    bytes += counts.bytes_in.get();
  }
};

/// Builds the value piece by piece; every metric carries the job's name.
class Collector {
 public:
  explicit Collector(std::string job) : job_{std::move(job)} {}

  void counter(const std::string& name, Labels labels, std::uint64_t value) {
    add(name, MetricKind::counter, std::move(labels), static_cast<double>(value));
  }
  void gauge(const std::string& name, Labels labels, double value) {
    add(name, MetricKind::gauge, std::move(labels), value);
  }
  void histogram(const std::string& name, const std::vector<const LatencyHistogram*>& parts) {
    Metric metric{name, MetricKind::histogram, {{"job", job_}}, 0, {}};
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= LatencyHistogram::kBoundsMs.size(); ++i) {
      for (const LatencyHistogram* part : parts) below += part->count(i);
      const double bound = i < LatencyHistogram::kBoundsMs.size()
                               ? static_cast<double>(LatencyHistogram::kBoundsMs[i])
                               : std::numeric_limits<double>::infinity();
      metric.buckets.push_back({bound, below});
    }
    for (const LatencyHistogram* part : parts) {
      metric.value += static_cast<double>(part->sum_us()) / 1000.0;
    }
    metrics_.all.push_back(std::move(metric));
  }
  /// What a connector counts.
  void foreign(Metric metric) {
    metric.labels["job"] = job_;
    metrics_.all.push_back(std::move(metric));
  }
  Metrics take() { return std::move(metrics_); }

 private:
  void add(const std::string& name, MetricKind kind, Labels labels, double value) {
    labels["job"] = job_;
    metrics_.all.push_back({name, kind, std::move(labels), value, {}});
  }

  const std::string job_;
  Metrics metrics_;
};

void collect_nodes(const Attempt& attempt, const Graph& graph, Collector& out) {
  std::map<std::size_t, NodeTotals> totals;
  for (Task* task : attempt.assembly().tasks()) {
    for (const auto& node : task->nodes()) totals[node->node()].add(node->counts());
    if (const NodeMetrics* source = task->source_metrics()) {
      totals[*task->plan_stage().source].add(*source);
    }
  }
  for (const auto& [index, total] : totals) {
    const Labels node{{"node", graph.nodes[index].name}};
    out.counter("streaming_records_in_total", node, total.in);
    out.counter("streaming_records_out_total", node, total.out);
    out.counter("streaming_filtered_events_total", node, total.filtered);
    out.counter("streaming_late_dropped_total", node, total.late_dropped);
    out.counter("streaming_late_diverted_total", node, total.late_diverted);
    out.counter("streaming_late_window_misses_total", node, total.misses);
    out.counter("streaming_failed_events_total", node, total.failed);
    out.counter("streaming_skipped_events_total", node, total.skipped);
    out.counter("streaming_dead_letters_total", node, total.dead_lettered);
    if (graph.nodes[index].kind != NodeKind::source) continue;
    out.counter("streaming_deser_errors_total", node, total.undecodable);
    out.counter("streaming_bytes_total", node, total.bytes);
  }
}

void collect_tasks(const Attempt& attempt, Collector& out) {
  for (const SplitTask* split : attempt.assembly().splits()) {
    const Labels labels{{"node", split->plan_stage().name}, {"split", split->split().value}};
    out.gauge("streaming_watermark_ms", labels, static_cast<double>(split->split_watermark().ms()));
    if (const auto lag = split->published_lag()) {
      out.gauge("streaming_consumer_lag", labels, static_cast<double>(*lag));
    }
  }
  for (Task* task : attempt.assembly().tasks()) {
    const auto* shard = dynamic_cast<const ShardTask*>(task);
    if (shard == nullptr) continue;
    const Labels labels{{"node", shard->plan_stage().name},
                        {"shard", std::to_string(shard->shard().value)}};
    out.gauge("streaming_watermark_ms", labels,
              static_cast<double>(shard->published_watermark().ms()));
    out.gauge("streaming_state_size_bytes", labels,
              static_cast<double>(shard->published_state_bytes()));
    out.gauge("streaming_queued_elements", labels, static_cast<double>(shard->waiting()));
  }
}

void collect_authority(const Graph& graph, Collector& out) {
  for (const auto& authority : authorities_of(graph)) {
    for (Metric& metric : authority->metrics()) out.foreign(std::move(metric));
  }
}

void collect_job(const Attempt& attempt, Collector& out) {
  const Attempt::Rates& rates = attempt.rates();
  out.gauge("streaming_events_per_second", {}, rates.events_per_second.load());
  out.gauge("streaming_bytes_per_second", {}, rates.bytes_per_second.load());
  out.gauge("streaming_backpressure_ratio", {}, rates.backpressure.load());
  out.gauge("streaming_busy_ratio", {}, rates.busy.load());
  out.counter("checkpoints_committed_total", {}, attempt.committed_count());
  out.gauge("checkpoint_size_bytes", {}, static_cast<double>(attempt.last_checkpoint_bytes()));
  out.histogram("checkpoint_duration_ms", {&attempt.checkpoint_durations()});
  std::vector<const LatencyHistogram*> end_to_end;
  std::vector<const LatencyHistogram*> processing;
  std::vector<const LatencyHistogram*> pauses;
  for (const Task* task : attempt.assembly().tasks()) {
    pauses.push_back(&task->pause());
    end_to_end.push_back(&task->latency());
    processing.push_back(&task->step_latency());
  }
  out.histogram("checkpoint_pause_ms", pauses);
  out.histogram("streaming_e2e_latency_ms", end_to_end);
  out.histogram("streaming_processing_latency_ms", processing);
}

}  // namespace

Metrics metrics_of(const Attempt& attempt, const Graph& graph) {
  Collector out{graph.job_name};
  collect_job(attempt, out);
  collect_nodes(attempt, graph, out);
  collect_tasks(attempt, out);
  collect_authority(graph, out);
  return out.take();
}

JobProgress progress_of(const Attempt& attempt) {
  JobProgress progress;
  EventTime shards = EventTime::max();
  EventTime splits = EventTime::max();
  bool has_shards = false;
  for (Task* task : attempt.assembly().tasks()) {
    if (const NodeMetrics* source = task->source_metrics()) {
      progress.records += source->records_out.get();
      splits = std::min(splits, task->published_watermark());
    } else {
      has_shards = true;
      shards = std::min(shards, task->published_watermark());
    }
  }
  progress.watermark = has_shards ? shards : splits;
  return progress;
}

}  // namespace weir::inline v0::detail
