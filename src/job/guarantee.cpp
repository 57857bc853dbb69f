// SPDX-License-Identifier: Apache-2.0
#include "job/guarantee.hpp"

#include <algorithm>

#include "graph/authority.hpp"
#include "runtime/checkpoint_driver.hpp"

namespace weir::inline v0::detail {
namespace {

std::string name_of(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::at_most_once:
      return "at_most_once";
    case Guarantee::at_least_once:
      return "at_least_once";
    case Guarantee::exactly_once:
      return "exactly_once";
  }
  return "unknown";
}

}  // namespace

std::vector<std::string> check_guarantee(const Graph& graph, const JobOptions& options) {
  std::vector<std::string> faults;
  const auto authorities = authorities_of(graph);
  const std::string wanted = name_of(options.guarantee);
  for (const Node& node : graph.nodes) {
    if (node.source) {
      if (!node.source->is_replayable() && options.guarantee == Guarantee::exactly_once) {
        faults.push_back("source '" + node.name + "' cannot be read again after a crash, but the " +
                         "guarantee is " + wanted + "; ask for at_least_once, or use a source " +
                         "with positions");
      }
    }
    if (node.sink) {
      const Guarantee strongest = node.sink->strongest_guarantee();
      if (strongest < options.guarantee) {
        faults.push_back("sink '" + node.name + "' keeps " + name_of(strongest) + " at most, but " +
                         "the guarantee is " + wanted + "; ask for less, or use another sink");
      }
    }
  }
  if (authorities.size() > 1) {
    faults.push_back("the job has " + std::to_string(authorities.size()) +
                     " authorities over its commits (two transactional systems); it can have one");
  }
  const CheckpointOptions& checkpoints = options.checkpoints;
  const JobIdentity job = job_identity(graph, options);
  const bool is_decided =
      std::any_of(authorities.begin(), authorities.end(),
                  [&job](const auto& authority) { return authority->decides(job); });
  if (is_decided && checkpoints.directory.empty() && !checkpoints.storage) {
    faults.emplace_back(
        "a transactional system decides over the job's commits, and they need checkpoints; set "
        "checkpoints.directory");
  }
  return faults;
}

std::vector<std::string> job_faults(const Graph& graph, const JobOptions& options) {
  std::vector<std::string> faults;
  for (const Node& node : graph.nodes) {
    std::vector<std::string> found;
    if (node.source) found = node.source->job_faults(options);
    if (node.sink) found = node.sink->job_faults(options);
    const std::string kind = node.source ? "source" : "sink";
    for (const std::string& fault : found)
      faults.push_back(kind + " '" + node.name + "': " + fault);
  }
  return faults;
}

}  // namespace weir::inline v0::detail
