// SPDX-License-Identifier: Apache-2.0
#include "weir/topology.hpp"

#include <algorithm>
#include <utility>

#include "base/duration_text.hpp"
#include "graph/close.hpp"
#include "graph/describe.hpp"

namespace weir::inline v0 {

Topology::Topology(std::string name) : graph_{std::make_shared<detail::Graph>()} {
  graph_->job_name = std::move(name);
}

void Topology::validate() const { detail::close(*graph_); }

std::string Topology::describe(Drawing drawing) const {
  detail::Graph named = *graph_;
  detail::derive_names(named);
  return drawing == Drawing::text ? detail::describe_as_text(named)
                                  : detail::describe_as_mermaid(named);
}

namespace detail {

NodeRef letters_of(const NodeRef& ref) {
  Node& node = ref.node();
  if (std::find(node.outlets.begin(), node.outlets.end(), kDeadLetters) == node.outlets.end()) {
    node.faults.push_back("dead_letters() of a " + node.operation +
                          ", which runs no user code; ask the node that does");
  }
  node.on_error.action = OnError::Action::dead_letter;
  return ref.at_outlet(kDeadLetters);
}

void describe_event_time(const EventTimeSettings& settings, Node& node) {
  const auto require = [&](bool is_met, const char* name, Duration value, const char* rule) {
    if (is_met) return;
    node.faults.push_back(std::string{name} + " is " + duration_text(value) + "; " + rule);
  };
  require(settings.max_disorder >= Duration{0}, "max_disorder", settings.max_disorder,
          "it must not be negative");
  node.parameters = settings.has_generator ? "own generator"
                                           : "max disorder " + duration_text(settings.max_disorder);
  if (settings.idle_after) {
    require(*settings.idle_after >= Duration{0}, "idle_after", *settings.idle_after,
            "it must not be negative");
    node.parameters += ", idle after " + duration_text(*settings.idle_after);
  }
  if (settings.max_drift) {
    require(*settings.max_drift > Duration{0}, "max_drift", *settings.max_drift,
            "it must be positive");
    node.parameters += ", max drift " + duration_text(*settings.max_drift);
  }
}

}  // namespace detail
}  // namespace weir::inline v0
