// SPDX-License-Identifier: Apache-2.0
#include "graph/partitions.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// Adds to `sources` what feeds `stage`, through other stages that are bound as well.
void collect_sources(const Plan& plan, StageId stage, std::vector<bool>& seen,
                     std::vector<std::size_t>& sources) {
  if (seen[stage.value]) return;
  seen[stage.value] = true;
  const PlanStage& here = plan.stages[stage.value];
  if (here.source) {
    sources.push_back(*here.source);
    return;
  }
  for (const std::size_t edge : plan.edges_to(stage)) {
    collect_sources(plan, plan.edges[edge].from, seen, sources);
  }
}

std::string in_words(const Node& source, std::uint32_t partitions) {
  return "source '" + source.name + "' (topic '" + source.source->partitioned_topic().value_or("") +
         "') has " + std::to_string(partitions) + " partitions";
}

bool has_partitions(const Graph& graph, const PlanStage& stage) {
  return graph.nodes[*stage.source].source->partitioned_topic().has_value();
}

bool writes_to_topic(const PlanStage& stage, const Graph& graph) {
  return std::any_of(stage.nodes.begin(), stage.nodes.end(), [&](std::size_t node) {
    return graph.nodes[node].kind == NodeKind::sink && graph.nodes[node].route != nullptr;
  });
}

/// Readers of a repartition topic have to know all stages that write to it.
void find_writers(const Plan& plan, const Graph& graph) {
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    const std::shared_ptr<TopicRoute>& route = graph.nodes[node].route;
    if (route == nullptr || graph.nodes[node].kind != NodeKind::sink) continue;
    route->upstream.clear();
    for (const PlanStage& stage : plan.stages) {
      const auto& nodes = stage.nodes;
      const bool is_writer = std::find(nodes.begin(), nodes.end(), node) != nodes.end();
      if (is_writer) route->upstream.push_back(stage.name);
    }
  }
}

}  // namespace

std::vector<std::size_t> sources_above(const Plan& plan, StageId stage) {
  std::vector<bool> seen(plan.stages.size());
  std::vector<std::size_t> sources;
  collect_sources(plan, stage, seen, sources);
  return sources;
}

bool may_share(const Plan& plan, const Graph& graph) {
  std::shared_ptr<CommitAuthority> authority;
  for (const PlanStage& stage : plan.stages) {
    if (stage.is_keyed()) {
      if (!stage.is_bound()) return false;
      continue;
    }
    const std::shared_ptr<CommitAuthority> own = graph.nodes[*stage.source].source->authority();
    if (own == nullptr || (authority != nullptr && own != authority)) return false;
    authority = own;
  }
  return true;
}

void bind_partitions(Plan& plan, const Graph& graph) {
  std::map<std::size_t, std::uint32_t> counts;  // Each source is asked once.
  const auto count_of = [&](std::size_t source) {
    const auto known = counts.find(source);
    if (known != counts.end()) return known->second;
    return counts[source] = graph.nodes[source].source->partition_count();
  };
  find_writers(plan, graph);
  for (PlanStage& stage : plan.stages) {
    if (stage.source && writes_to_topic(stage, graph) && has_partitions(graph, stage)) {
      stage.partitions = count_of(*stage.source);
    }
  }
  std::vector<std::string> faults;
  for (PlanStage& stage : plan.stages) {
    if (!stage.is_bound()) continue;
    const std::vector<std::size_t> sources = sources_above(plan, stage.id);
    const Node& first = graph.nodes[sources.front()];
    stage.topic = first.source->partitioned_topic().value_or("");
    if (stage.placement == KeyPlacement::partition) stage.shards = count_of(sources.front());
    for (const std::size_t source : sources) {
      if (count_of(source) == stage.shards) continue;
      faults.push_back("node '" + stage.name + "' has " + std::to_string(stage.shards) +
                       " shards, each of one partition, but " +
                       in_words(graph.nodes[source], count_of(source)) +
                       (source == sources.front() ? "" : ", and " + in_words(first, stage.shards)) +
                       "; keys lie in the same partitions only if there are as many");
    }
  }
  if (!faults.empty()) throw ConfigError{std::move(faults)};
}

}  // namespace weir::inline v0::detail
