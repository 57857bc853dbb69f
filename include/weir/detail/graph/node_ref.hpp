// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/graph/node.hpp"

namespace weir::inline v0::detail {

/// What every handle holds: one outlet of one node of a topology that is being built.
class NodeRef final {
 public:
  NodeRef(std::shared_ptr<Graph> graph, std::size_t node, std::size_t outlet = 0)
      : graph_{std::move(graph)}, node_{node}, outlet_{outlet} {}

  Node& node() const { return graph_->nodes[node_]; }
  std::size_t index() const noexcept { return node_; }
  std::size_t outlet() const noexcept { return outlet_; }
  const std::shared_ptr<Graph>& graph() const noexcept { return graph_; }

  /// Another outlet of the same node.
  NodeRef at_outlet(std::size_t outlet) const { return {graph_, node_, outlet}; }
  /// The outlet of this name; adds it when the node has none.
  NodeRef at_outlet(const std::string& name) const {
    std::vector<std::string>& outlets = node().outlets;
    const auto found = std::find(outlets.begin(), outlets.end(), name);
    const auto outlet = static_cast<std::size_t>(found - outlets.begin());
    if (found == outlets.end()) outlets.push_back(name);
    return at_outlet(outlet);
  }

  /// Names the node.
  void name(std::string name) const {
    node().name = std::move(name);
    node().is_named = true;
  }

  /// Adds a node that consumes this outlet at port 0. It inherits times from here: a node that
  /// sets them itself changes the flags afterwards, through node() of the result.
  NodeRef add(Node node) const { return add(std::move(node), {*this}); }
  /// The same with a node that gives records their event time.
  NodeRef add_timed(Node node) const {
    const NodeRef added = add(std::move(node));
    added.node().has_event_time = true;
    added.node().has_record_times = true;
    return added;
  }
  /// The same with an input per port.
  static NodeRef add(Node node, const std::vector<NodeRef>& inputs) {
    const std::shared_ptr<Graph>& graph = inputs.front().graph_;
    node.has_event_time = true;
    node.has_record_times = true;
    for (std::size_t port = 0; port < inputs.size(); ++port) {
      const NodeRef& input = inputs[port];
      if (input.graph_ != graph) {
        node.faults.push_back("node '" + node.operation + "' has inputs of the topologies '" +
                              graph->job_name + "' and '" + input.graph_->job_name +
                              "'; build it from one");
        continue;
      }
      node.inputs.push_back({input.node_, input.outlet_, port});
      node.has_event_time &= input.node().has_event_time;
      node.has_record_times &= input.node().has_record_times;
    }
    graph->nodes.push_back(std::move(node));
    return {graph, graph->nodes.size() - 1};
  }

 private:
  std::shared_ptr<Graph> graph_;  // Shared by the topology and all handles while it is built.
  std::size_t node_;
  std::size_t outlet_;
};

}  // namespace weir::inline v0::detail
