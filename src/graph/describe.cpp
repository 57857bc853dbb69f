// SPDX-License-Identifier: Apache-2.0
#include "graph/describe.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/duration_text.hpp"

namespace weir::inline v0::detail {
namespace {

std::string policy_text(const OnError& policy) {
  std::string text;
  if (policy.action == OnError::Action::skip) text = "on error skip";
  if (policy.action == OnError::Action::dead_letter) text = "on error dead letter";
  if (policy.retry_count_max == 0) return text;
  if (text.empty()) text = "on error fail";
  return text + " after " + std::to_string(policy.retry_count_max) + " retries";
}

/// "window (tumbling 10s, on error skip)"
std::string operation_text(const Node& node) {
  std::string details = node.parameters;
  const auto append = [&](const std::string& detail) {
    if (!detail.empty()) details += (details.empty() ? "" : ", ") + detail;
  };
  if (node.shards == 1) append("1 shard");
  if (node.shards > 1) append(std::to_string(node.shards) + " shards");
  append(policy_text(node.on_error));
  return details.empty() ? node.operation : node.operation + " (" + details + ")";
}

/// The name of an outlet where it is not the only one that has to be consumed; else empty.
std::string outlet_text(const Graph& graph, const InputEdge& edge) {
  const Node& producer = graph.nodes[edge.node];
  const bool is_side = edge.outlet > 0 || producer.required_outlets > 1;
  return is_side ? producer.outlets[edge.outlet] : std::string{};
}

std::string inputs_text(const Graph& graph, const Node& node) {
  std::string text;
  for (const InputEdge& input : node.inputs) {
    const std::string outlet = outlet_text(graph, input);
    text += (text.empty() ? "<- " : ", ") + graph.nodes[input.node].name;
    if (!outlet.empty()) text += "[" + outlet + "]";
  }
  return text;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

/// Text inside the quotes of a Mermaid label.
std::string label(const std::string& text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '"') {
      escaped += "#quot;";
    } else if (letter == '<') {
      escaped += "#lt;";
    } else if (letter == '>') {
      escaped += "#gt;";
    } else if (letter == '#') {
      escaped += "#35;";
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

/// What stands around the label: the shape says what kind of node it is.
std::pair<const char*, const char*> shape(NodeKind kind) {
  switch (kind) {
    case NodeKind::source:
      return {"([", "])"};
    case NodeKind::transform:
      return {"[", "]"};
    case NodeKind::key_by:
      return {"{{", "}}"};
    case NodeKind::keyed:
      return {"[(", ")]"};
    case NodeKind::sink:
      return {"[[", "]]"};
  }
  return {"[", "]"};
}

std::string mermaid_edge(const Graph& graph, const InputEdge& edge, std::size_t to) {
  const bool is_exchange = graph.nodes[edge.node].kind == NodeKind::key_by;
  const std::string outlet = outlet_text(graph, edge);
  std::string text = "  n" + std::to_string(edge.node) + (is_exchange ? " ==>" : " -->");
  if (!outlet.empty()) text += "|\"" + label(outlet) + "\"|";
  return text + " n" + std::to_string(to) + "\n";
}

}  // namespace

std::string describe_as_text(const Graph& graph) {
  std::size_t name_width = 0;
  std::size_t operation_width = 0;
  for (const Node& node : graph.nodes) {
    name_width = std::max(name_width, node.name.size());
    operation_width = std::max(operation_width, operation_text(node).size());
  }
  std::string text = "topology " + graph.job_name + "\n";
  for (const Node& node : graph.nodes) {
    std::string line = "  " + node.name;
    line.resize(2 + name_width + 2, ' ');
    line += operation_text(node);
    line.resize(2 + name_width + 2 + operation_width + 2, ' ');
    line += inputs_text(graph, node);
    trim_end(line);
    text += line + "\n";
  }
  return text;
}

std::string describe_as_mermaid(const Graph& graph) {
  std::string text = "flowchart LR\n";
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const auto [open, close] = shape(node.kind);
    text += "  n" + std::to_string(index) + open + "\"" + label(node.name) + "<br>" +
            label(operation_text(node)) + "\"" + close + "\n";
  }
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    for (const InputEdge& input : graph.nodes[index].inputs) {
      text += mermaid_edge(graph, input, index);
    }
  }
  return text;
}

}  // namespace weir::inline v0::detail
