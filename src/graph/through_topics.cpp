// SPDX-License-Identifier: Apache-2.0
#include "graph/through_topics.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "graph/exchange_source.hpp"
#include "graph/node_id.hpp"
#include "weir/detail/graph/typed_source.hpp"
#include "weir/exchange_topics.hpp"

namespace weir::inline v0::detail {
namespace {

/// What topics may be called everywhere.
constexpr std::size_t kTopicNameMax = 249;

/// Letters that a topic's name cannot have are replaced; then a hash tells such names apart.
std::string topic_name(const std::string& job, const std::string& node) {
  const std::string wanted = job + "." + node + ".repartition";
  std::string name = wanted;
  for (char& letter : name) {
    const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                          (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' ||
                          letter == '.';
    if (!is_plain) letter = '_';
  }
  if (name == wanted && name.size() <= kTopicNameMax) return name;
  char hash[10];
  std::snprintf(hash, sizeof hash, "-%08x", static_cast<unsigned>(node_id(wanted).value));
  return name.substr(0, kTopicNameMax - sizeof hash) + hash;
}

/// Rewrites a graph node by node; inputs come before consumers.
class Rewriting final {
 public:
  Rewriting(const Graph& graph, const JobOptions& options, std::vector<std::string>& faults)
      : graph_{graph}, options_{options}, faults_{faults}, place_of_(graph.nodes.size()) {
    for (const Node& node : graph.nodes) {
      if (node.source && !topics_) topics_ = node.source->exchange_topics();
    }
  }

  Graph run() {
    if (!may_run()) return graph_;
    result_.job_name = graph_.job_name;
    for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
      const Node& node = graph_.nodes[index];
      if (needs_topic(node)) {
        add_ends(index);
      } else {
        place_of_[index] = add(node);
      }
    }
    return std::move(result_);
  }

 private:
  static bool needs_topic(const Node& node) {
    return node.kind == NodeKind::key_by && node.placement == KeyPlacement::exchange;
  }

  bool may_run() {
    bool is_needed = false;
    bool is_possible = true;
    for (const Node& node : graph_.nodes) {
      if (!needs_topic(node)) continue;
      is_needed = true;
      if (node.topic_ends.writer) continue;
      is_possible = false;
      faults_.push_back("node '" + node.name + "' (" + node.operation +
                        "): its records cannot go through a topic, as there is no weir::Codec for "
                        "their type; write one, or set exchange.through to memory");
    }
    if (is_needed && !topics_) {
      is_possible = false;
      faults_.emplace_back(
          "exchange.through is topic, but no source of the job is a topic of a cluster that could "
          "keep repartition topics; set it to memory");
    }
    if (is_needed && !options_.restore.savepoint.empty()) {
      is_possible = false;
      faults_.push_back("restore.savepoint is '" + options_.restore.savepoint +
                        "', but a job whose exchange goes through topics cannot start from a "
                        "savepoint; set exchange.through to memory");
    }
    if (is_needed && !options_.restore.checkpoint.empty()) {
      is_possible = false;
      faults_.push_back("restore.checkpoint is '" + options_.restore.checkpoint +
                        "', but a job whose exchange goes through topics can go on from the last "
                        "one only: what its topics held before is gone");
    }
    return is_needed && is_possible;
  }

  /// With its inputs where they are now.
  std::size_t add(Node node) {
    for (InputEdge& input : node.inputs) input.node = place_of_[input.node];
    result_.nodes.push_back(std::move(node));
    return result_.nodes.size() - 1;
  }

  void add_ends(std::size_t index) {
    const Node& key_by = graph_.nodes[index];
    const auto route = std::make_shared<TopicRoute>();
    route->topic = topic_name(graph_.job_name, key_by.name);
    route->partitions = key_by.shards != 0 ? key_by.shards : options_.shards;
    add(sink_end(key_by, route));
    const std::size_t source = add(source_end(index, route));
    Node reader = key_by;
    reader.inputs = {{source, 0, 0}};
    reader.make = key_by.topic_ends.reader;
    reader.on_error = {};
    reader.placement = KeyPlacement::topic;
    result_.nodes.push_back(std::move(reader));
    place_of_[index] = result_.nodes.size() - 1;
  }

  Node sink_end(const Node& key_by, const std::shared_ptr<TopicRoute>& route) const {
    const auto sink = topics_->make_sink(route->topic, route->partitions);
    Node node;
    node.kind = NodeKind::sink;
    node.operation = "to topic";
    node.parameters = route->topic;
    node.name = key_by.name + ".to-topic";
    node.is_named = true;
    node.inputs = key_by.inputs;
    node.outlets.clear();
    node.is_consumption_optional = true;
    node.make = key_by.topic_ends.writer(sink, route->partitions);
    node.sink = std::make_shared<TypedSink<ExchangedRecord>>(sink);
    node.route = route;
    node.on_error = key_by.on_error;
    return node;
  }

  Node source_end(std::size_t index, const std::shared_ptr<TopicRoute>& route) const {
    const Node& key_by = graph_.nodes[index];
    Node node;
    node.kind = NodeKind::source;
    node.operation = "from topic";
    node.parameters = route->topic;
    node.name = key_by.name + ".from-topic";
    node.is_named = true;
    node.source = std::make_shared<TypedSource<ExchangedRecord>>(std::make_shared<ExchangeSource>(
        topics_->make_source(route->topic, route->partitions), route, bounds_above(index)));
    node.route = route;
    node.has_event_time = key_by.has_event_time;
    node.has_record_times = key_by.has_record_times;
    return node;
  }

  /// Whether all sources above a node end; some say so only later.
  std::function<bool()> bounds_above(std::size_t index) const {
    std::set<std::size_t> above{index};
    std::vector<std::shared_ptr<AnySource>> sources;
    for (std::size_t at = index + 1; at-- > 0;) {
      if (above.count(at) == 0) continue;
      const Node& node = graph_.nodes[at];
      for (const InputEdge& input : node.inputs) above.insert(input.node);
      if (node.source) sources.push_back(node.source);
    }
    return [sources = std::move(sources)] {
      return std::all_of(sources.begin(), sources.end(),
                         [](const auto& source) { return source->is_bounded(); });
    };
  }

  const Graph& graph_;
  const JobOptions& options_;
  std::vector<std::string>& faults_;
  std::shared_ptr<ExchangeTopics> topics_;  // The connector's.
  std::vector<std::size_t> place_of_;       // Of the old nodes, in the new graph.
  Graph result_;
};

}  // namespace

Graph through_topics(const Graph& graph, const JobOptions& options,
                     std::vector<std::string>& faults) {
  if (options.exchange.through == Exchange::memory) return graph;
  return Rewriting{graph, options, faults}.run();
}

bool has_topic_exchange(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const Node& node) { return node.route != nullptr; });
}

}  // namespace weir::inline v0::detail
