// SPDX-License-Identifier: Apache-2.0
#include "graph/close.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "graph/node_id.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

std::string quoted(const std::string& name) { return "'" + name + "'"; }
std::string node_text(const Node& node) { return "node " + quoted(node.name); }

class Validation {
 public:
  explicit Validation(const Graph& graph) : graph_{graph}, consumed_(graph.nodes.size()) {
    for (const Node& node : graph.nodes) {
      for (const InputEdge& input : node.inputs) consumed_[input.node].insert(input.outlet);
    }
  }

  std::vector<std::string> run() {
    check_topology();
    for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
      const Node& node = graph_.nodes[index];
      check_name(node);
      check_parts(node);
      check_consumers(node, consumed_[index]);
      check_event_time(node);
      check_policy(node, consumed_[index]);
    }
    return std::move(faults_);
  }

 private:
  void check_topology() {
    if (graph_.job_name.empty()) add("the topology has no name; give it one");
    for (const Node& node : graph_.nodes) {
      if (node.kind == NodeKind::source) return;
    }
    add("topology " + quoted(graph_.job_name) + " has no source; add one with source()");
  }

  void check_name(const Node& node) {
    if (node.name.empty()) {
      add("a node (" + node.operation + ") has an empty name; give it another or none");
      return;
    }
    const auto [same, is_new] = ids_.emplace(node_id(node.name), &node);
    if (is_new) return;
    if (same->second->name != node.name) {
      add("the names " + quoted(same->second->name) + " and " + quoted(node.name) +
          " have the same hash; rename one of the nodes");
    } else if (reported_.insert(node.name).second) {
      add("two nodes have the name " + quoted(node.name) + " (" + same->second->operation +
          " and " + node.operation + "); names must be unique");
    }
  }

  /// What nodes, sources and sinks say of themselves, and what they share.
  void check_parts(const Node& node) {
    for (const std::string& fault : node.faults) add(node_text(node) + ": " + fault);
    if (node.source != nullptr) {
      for (const std::string& fault : node.source->faults()) {
        add("source " + quoted(node.name) + ": " + fault);
      }
      check_shared(node, node.source->identity(), "source");
    }
    if (node.sink != nullptr) {
      for (const std::string& fault : node.sink->faults()) {
        add("sink " + quoted(node.name) + ": " + fault);
      }
      check_shared(node, node.sink->identity(), "sink");
    }
  }
  void check_shared(const Node& node, const void* identity, const std::string& what) {
    if (identity == nullptr) return;
    const auto [first, is_new] = parts_.emplace(identity, &node);
    if (is_new) return;
    const std::string advice = what == "source" ? "; use one stream twice, or make two sources"
                                                : "; unite the streams, or make two sinks";
    add("nodes " + quoted(first->second->name) + " and " + quoted(node.name) + " share one " +
        what + advice);
  }

  void check_consumers(const Node& node, const std::set<std::size_t>& consumed) {
    if (node.is_consumption_optional) return;
    for (std::size_t outlet = 0; outlet < node.required_outlets; ++outlet) {
      if (consumed.count(outlet) > 0) continue;
      const bool is_branch = node.required_outlets > 1;
      const std::string what =
          is_branch ? "outlet " + quoted(node.outlets[outlet]) + " of " + node_text(node)
                    : node_text(node);
      add("nobody consumes " + what + " (" + node.operation +
          "); write it to a sink, or take it out");
    }
  }

  void check_event_time(const Node& node) {
    if (!node.needs_event_time) return;
    for (const InputEdge& input : node.inputs) {
      const Node& producer = graph_.nodes[input.node];
      if (producer.has_event_time) continue;
      add(node_text(node) + " (" + node.operation + ") needs event time, but " +
          node_text(producer) + " has none; call event_time() on the stream before it");
    }
  }

  void check_policy(const Node& node, const std::set<std::size_t>& consumed) {
    if (node.on_error.backoff < Duration{0}) {
      add(node_text(node) + ": on_error.backoff is " +
          std::to_string(node.on_error.backoff.count()) + "ms; it must not be negative");
    }
    if (node.on_error.action != OnError::Action::dead_letter) return;
    for (std::size_t outlet = 0; outlet < node.outlets.size(); ++outlet) {
      if (node.outlets[outlet] != "dead_letters") continue;
      if (consumed.count(outlet) == 0) {
        add(node_text(node) +
            " has the policy OnError::dead_letter, but nobody consumes its "
            "dead_letters()");
      }
      return;
    }
    add(node_text(node) + " (" + node.operation +
        ") has no dead letters; its policy can be "
        "OnError::fail or OnError::skip");
  }

  void add(std::string fault) { faults_.push_back(std::move(fault)); }

  const Graph& graph_;
  std::vector<std::set<std::size_t>> consumed_;  // Outlets with a consumer, by node.
  std::map<NodeId, const Node*> ids_;
  std::map<const void*, const Node*> parts_;
  std::set<std::string> reported_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> find_faults(const Graph& graph) { return Validation{graph}.run(); }

Graph close(const Graph& graph) {
  Graph closed = graph;
  derive_names(closed);
  std::vector<std::string> faults = find_faults(closed);
  if (!faults.empty()) throw ConfigError{std::move(faults)};
  return closed;
}

}  // namespace weir::inline v0::detail
