// SPDX-License-Identifier: Apache-2.0
#include "graph/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// Finds stages in three passes: which key_bys share a stage, which stages there are, which nodes
/// run in which.
class Planner {
 public:
  Planner(const Graph& graph, std::uint32_t default_shards)
      : graph_{graph}, default_shards_{default_shards}, leader_(graph.nodes.size()) {
    for (std::size_t node = 0; node < leader_.size(); ++node) leader_[node] = node;
  }

  Plan make() {
    join_entries();
    place_nodes();
    add_edges();
    for (const PlanStage& stage : plan_.stages) {
      if (stage.is_bound()) check_partitions(stage);
    }
    if (!faults_.empty()) throw ConfigError{faults_};
    return std::move(plan_);
  }

 private:
  /// A keyed node with several key_by inputs makes one stage of theirs.
  void join_entries() {
    for (const Node& node : graph_.nodes) {
      if (node.kind != NodeKind::keyed) continue;
      for (const InputEdge& input : node.inputs) {
        leader_[lead(input.node)] = lead(node.inputs.front().node);
      }
    }
  }

  std::size_t lead(std::size_t node) {
    while (leader_[node] != node) node = leader_[node] = leader_[leader_[node]];
    return node;
  }

  void place_nodes() {
    stages_of_.resize(graph_.nodes.size());
    for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
      const Node& node = graph_.nodes[index];
      if (node.kind == NodeKind::source) {
        add_source_stage(index);
        continue;
      }
      for (const InputEdge& input : node.inputs) {
        const std::set<std::uint32_t>& from = stages_below(input.node);
        stages_of_[index].insert(from.begin(), from.end());
      }
      for (const std::uint32_t stage : stages_of_[index]) {
        plan_.stages[stage].nodes.push_back(index);
      }
      if (node.kind == NodeKind::key_by) enter_keyed_stage(index);
    }
  }

  /// Where consumers of a node run: below a key_by that is the stage it opens.
  const std::set<std::uint32_t>& stages_below(std::size_t node) {
    return graph_.nodes[node].kind == NodeKind::key_by ? opened_[lead(node)] : stages_of_[node];
  }

  void add_source_stage(std::size_t node) {
    PlanStage stage;
    stage.id = StageId{static_cast<std::uint32_t>(plan_.stages.size())};
    stage.name = graph_.nodes[node].name;
    stage.source = node;
    stages_of_[node] = {stage.id.value};
    plan_.stages.push_back(std::move(stage));
  }

  void enter_keyed_stage(std::size_t key_by) {
    const Node& node = graph_.nodes[key_by];
    const bool is_foreign = node.placement == KeyPlacement::partition;
    const std::uint32_t wanted = node.shards != 0 ? node.shards : default_shards_;
    const std::uint32_t shards = is_foreign ? 0 : wanted;
    std::set<std::uint32_t>& opened = opened_[lead(key_by)];
    if (opened.empty()) {
      PlanStage stage;
      stage.id = StageId{static_cast<std::uint32_t>(plan_.stages.size())};
      stage.name = node.name;
      stage.shards = shards;
      stage.placement = node.placement;
      opened.insert(stage.id.value);
      plan_.stages.push_back(std::move(stage));
    }
    PlanStage& stage = plan_.stages[*opened.begin()];
    stage.entries.push_back(key_by);
    if (stage.placement != node.placement) {
      faults_.push_back("nodes '" + stage.name + "' and '" + node.name +
                        "' meet in one keyed operator, but only '" +
                        (is_foreign ? node.name : stage.name) +
                        "' is keyed_by_partition(): keys would lie in different shards; say it of "
                        "both, or of none");
    } else if (stage.shards != shards) {
      faults_.push_back("node '" + node.name + "' asks for " + std::to_string(shards) +
                        " shards, but shares a stage with '" + stage.name + "', which has " +
                        std::to_string(stage.shards) + "; give both the same number");
    }
  }

  void add_edges() {
    for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
      if (graph_.nodes[index].kind != NodeKind::key_by) continue;
      const StageId to{*opened_[lead(index)].begin()};
      for (const std::uint32_t from : stages_of_[index]) {
        plan_.edges.push_back({index, StageId{from}, to});
      }
    }
  }

  /// A stage that is bound to partitions finds them in every stage before it.
  void check_partitions(const PlanStage& stage) {
    for (const std::size_t index : plan_.edges_to(stage.id)) {
      const PlanEdge& edge = plan_.edges[index];
      const PlanStage& from = plan_.stages[edge.from.value];
      const std::string node = "node '" + graph_.nodes[edge.key_by].name + "'";
      if (from.is_keyed()) {
        if (from.is_bound()) continue;
        faults_.push_back(node + " is keyed_by_partition(), but node '" + from.name +
                          "' above it spreads keys in memory; leave keyed_by_partition() out");
      } else if (!has_partitions(graph_.nodes[*from.source])) {
        faults_.push_back(node + " is keyed_by_partition(), but the splits of source '" +
                          from.name + "' are not the partitions of one topic; leave " +
                          "keyed_by_partition() out");
      }
    }
  }
  static bool has_partitions(const Node& source) {
    return source.source != nullptr && source.source->partitioned_topic().has_value();
  }

  const Graph& graph_;
  const std::uint32_t default_shards_;
  std::vector<std::size_t> leader_;                        // Union-find over key_by nodes.
  std::vector<std::set<std::uint32_t>> stages_of_;         // Where a node's operator runs.
  std::map<std::size_t, std::set<std::uint32_t>> opened_;  // Leading key_by -> its keyed stage.
  std::vector<std::string> faults_;
  Plan plan_;
};

}  // namespace

std::vector<std::size_t> Plan::edges_from(StageId stage) const {
  std::vector<std::size_t> found;
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    if (edges[edge].from == stage) found.push_back(edge);
  }
  return found;
}

std::vector<std::size_t> Plan::edges_to(StageId stage) const {
  std::vector<std::size_t> found;
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    if (edges[edge].to == stage) found.push_back(edge);
  }
  return found;
}

Plan make_plan(const Graph& graph, std::uint32_t default_shards) {
  return Planner{graph, default_shards}.make();
}

}  // namespace weir::inline v0::detail
