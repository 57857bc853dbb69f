// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "graph/close.hpp"

namespace weir::inline v0::detail {
namespace {

/// What the names of the nodes below an outlet begin with.
std::string place_below(const Graph& graph, const std::vector<std::string>& anchors,
                        const InputEdge& edge) {
  const Node& producer = graph.nodes[edge.node];
  const bool is_side = edge.outlet > 0 || producer.required_outlets > 1;
  return is_side ? anchors[edge.node] + "." + producer.outlets[edge.outlet] : anchors[edge.node];
}

std::string first_free(const std::string& base, const std::set<std::string>& taken) {
  std::string name = base;
  for (std::size_t number = 2; taken.count(name) > 0; ++number) {
    name = base + "-" + std::to_string(number);
  }
  return name;
}

}  // namespace

void derive_names(Graph& graph) {
  std::set<std::string> taken;
  for (const Node& node : graph.nodes) {
    if (node.is_named) taken.insert(node.name);
  }
  std::vector<std::string> anchors;  // Parallel to nodes.
  for (Node& node : graph.nodes) {
    const std::string place =
        node.inputs.empty() ? std::string{} : place_below(graph, anchors, node.inputs.front());
    if (!node.is_named) {
      node.name = first_free(place.empty() ? node.operation : place + "." + node.operation, taken);
      taken.insert(node.name);
    }
    anchors.push_back(node.is_named || place.empty() ? node.name : place);
  }
}

}  // namespace weir::inline v0::detail
