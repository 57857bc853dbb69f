// SPDX-License-Identifier: Apache-2.0
#include "weir/metrics.hpp"

#include <algorithm>

namespace weir::inline v0 {
namespace {

bool matches(const Metric& metric, const std::string& name,
             const std::map<std::string, std::string>& labels) {
  return metric.name == name &&
         std::all_of(labels.begin(), labels.end(), [&metric](const auto& wanted) {
           const auto found = metric.labels.find(wanted.first);
           return found != metric.labels.end() && found->second == wanted.second;
         });
}

}  // namespace

const Metric* Metrics::find(const std::string& name,
                            const std::map<std::string, std::string>& labels) const {
  for (const Metric& metric : all) {
    if (matches(metric, name, labels)) return &metric;
  }
  return nullptr;
}

double Metrics::sum(const std::string& name,
                    const std::map<std::string, std::string>& labels) const {
  double total = 0;
  for (const Metric& metric : all) {
    if (matches(metric, name, labels)) total += metric.value;
  }
  return total;
}

}  // namespace weir::inline v0
