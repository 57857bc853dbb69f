// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// What a metric's value means.
enum class MetricKind : std::uint8_t {
  counter,    ///< Only grows, from the start of the attempt.
  gauge,      ///< Goes up and down.
  histogram,  ///< Observations in buckets.
};

/// Observations up to a bound.
struct Bucket {
  double upper_bound = 0;   ///< Infinity for the last one.
  std::uint64_t count = 0;  ///< Of this bucket and all below it.
};

/// One metric of a job, a node or a shard.
struct Metric {
  std::string name;  ///< As operators know it: "streaming_events_per_second".
  MetricKind kind = MetricKind::counter;
  /// "job", and where it applies "node" and "shard" or "split".
  std::map<std::string, std::string> labels;
  double value = 0;             ///< Of a counter or gauge; of a histogram: the sum.
  std::vector<Bucket> buckets;  ///< Of a histogram.
};

/// All metrics of a job at one moment: a value, taken without stopping anything.
struct WEIR_API Metrics {
  std::vector<Metric> all;

  /// The first metric of that name whose labels include `labels`; null when there is none.
  const Metric* find(const std::string& name,
                     const std::map<std::string, std::string>& labels = {}) const;
  /// The sum over all metrics of that name whose labels include `labels`.
  double sum(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;
};

}  // namespace weir::inline v0
