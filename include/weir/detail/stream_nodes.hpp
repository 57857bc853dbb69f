// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/detail/callables.hpp"
#include "weir/detail/graph/node_ref.hpp"
#include "weir/detail/graph/typed_source.hpp"
#include "weir/detail/operators/branch.hpp"
#include "weir/detail/operators/change.hpp"
#include "weir/detail/operators/event_time.hpp"
#include "weir/detail/operators/filter.hpp"
#include "weir/detail/operators/flat_map.hpp"
#include "weir/detail/operators/for_each.hpp"
#include "weir/detail/operators/from_topic.hpp"
#include "weir/detail/operators/key_by.hpp"
#include "weir/detail/operators/map.hpp"
#include "weir/detail/operators/sink_operator.hpp"
#include "weir/detail/operators/to_topic.hpp"
#include "weir/detail/operators/union.hpp"
#include "weir/export.hpp"

// The nodes that Stream's functions add: where the graph and the operators meet.
namespace weir::inline v0::detail {

inline constexpr const char* kDeadLetters = "dead_letters";

/// A node that makes an operator of type Op from a copy of `parts` for each task.
template <class Op, class... Part>
Node node_of(std::string operation, Part... parts) {
  Node node;
  node.operation = std::move(operation);
  node.make = [parts...]() -> std::unique_ptr<Operator> { return std::make_unique<Op>(parts...); };
  return node;
}

/// The same with user code: its last outlet has the dead letters.
template <class Op, class... Part>
Node user_node_of(std::string operation, Part... parts) {
  Node node = node_of<Op>(std::move(operation), std::move(parts)...);
  node.outlets.emplace_back(kDeadLetters);
  return node;
}

/// The outlet with what a node gave up; asking for it makes it the node's policy.
WEIR_API NodeRef letters_of(const NodeRef& ref);

template <class T, class U, class F>
Node map_node(F function) {
  if constexpr (is_change<T> && maps<F, Row<T>>) {
    using K = decltype(T::key);
    using V = typename decltype(T::now)::value_type;
    using Sides = MapSides<K, V, F>;
    return user_node_of<MapOperator<T, U, Sides>>("map", Sides{std::move(function)});
  } else {
    return user_node_of<MapOperator<T, U, F>>("map", std::move(function));
  }
}

template <class T, class F>
Node filter_node(std::string operation, F predicate, bool is_consumption_optional = false) {
  Node node;
  if constexpr (is_change<T>) {
    using K = decltype(T::key);
    using V = typename decltype(T::now)::value_type;
    using Sides = FilterSides<K, V, F>;
    node = user_node_of<FlatMapOperator<T, T, Sides>>(std::move(operation),
                                                      Sides{std::move(predicate)});
  } else {
    node = user_node_of<FilterOperator<T, F>>(std::move(operation), std::move(predicate));
  }
  node.is_consumption_optional = is_consumption_optional;
  return node;
}

template <class T, class U, class F>
Node flat_map_node(F function) {
  return user_node_of<FlatMapOperator<T, U, F>>("flat_map", std::move(function));
}

template <class T, class F>
Node peek_node(F function) {
  auto observer = as_observer<T>(std::move(function));
  return user_node_of<PeekOperator<T, decltype(observer)>>("peek", std::move(observer));
}

template <class T>
Node union_node() {
  return node_of<UnionOperator<T>>("union");
}

template <class T, class... F>
Node branch_node(std::tuple<F...> predicates) {
  Node node = node_of<BranchOperator<T, F...>>("split", std::move(predicates));
  node.outlets.clear();
  for (std::size_t branch = 1; branch <= sizeof...(F); ++branch) {
    node.outlets.push_back(std::to_string(branch));
  }
  node.outlets.emplace_back("rest");
  node.outlets.emplace_back(kDeadLetters);
  node.required_outlets = sizeof...(F);
  return node;
}

/// Both ends of an exchange through a topic.
template <class K, class T, class F>
TopicEnds topic_ends(F selector) {
  TopicEnds ends;
  ends.writer = [selector](std::shared_ptr<Sink<ExchangedRecord>> sink, std::uint32_t partitions) {
    return [selector, sink, partitions]() -> std::unique_ptr<Operator> {
      return std::make_unique<ToTopicOperator<K, T, F>>(selector, sink, partitions);
    };
  };
  ends.reader = [] { return std::make_unique<FromTopicOperator<K, T>>(); };
  return ends;
}

template <class K, class T, class F>
Node key_by_node(F selector) {
  Node node = node_of<KeyBySender<K, T, F>>("key_by", selector);
  node.kind = NodeKind::key_by;
  if constexpr (Encodable<T>) node.topic_ends = topic_ends<K, T, F>(std::move(selector));
  node.make_receiver = [] { return std::make_unique<KeyByReceiver<K, T>>(); };
  return node;
}

/// What the options say, for describe(), and what is wrong with them.
struct EventTimeSettings {
  Duration max_disorder;
  std::optional<Duration> idle_after;
  std::optional<Duration> max_drift;
  bool has_generator = false;
};
WEIR_API void describe_event_time(const EventTimeSettings& settings, Node& node);

template <class T, class F>
Node event_time_node(F selector, const EventTimeOptions<T>& options) {
  Node node = user_node_of<EventTimeOperator<T, F>>("event_time", std::move(selector), options);
  node.max_drift = options.max_drift;
  describe_event_time(
      {options.max_disorder, options.idle_after, options.max_drift, options.generator != nullptr},
      node);
  return node;
}

template <class T>
Node sink_node(std::shared_ptr<Sink<T>> sink) {
  Node node = node_of<SinkOperator<T>>("sink", sink);
  node.kind = NodeKind::sink;
  node.is_consumption_optional = true;
  node.outlets.clear();
  if (sink == nullptr) {
    node.faults.emplace_back("to() was given no sink");
  } else {
    node.sink = std::make_shared<TypedSink<T>>(std::move(sink));
  }
  return node;
}

template <class T, class F>
Node for_each_node(F function) {
  auto observer = as_observer<T>(std::move(function));
  Node node = user_node_of<ForEachOperator<T, decltype(observer)>>("for_each", std::move(observer),
                                                                   std::make_shared<std::mutex>());
  node.kind = NodeKind::sink;
  node.is_consumption_optional = true;
  node.sink = std::make_shared<ForEachSink>();
  return node;
}

template <class T>
Node source_node(std::shared_ptr<Source<T>> source) {
  Node node;
  node.kind = NodeKind::source;
  node.operation = "source";
  node.outlets.emplace_back(kDeadLetters);
  if (source == nullptr) {
    node.faults.emplace_back("source() was given no source");
  } else {
    node.has_event_time = source->has_watermarks();
    node.has_record_times = source->has_event_time() || node.has_event_time;
    node.source = std::make_shared<TypedSource<T>>(std::move(source));
  }
  return node;
}

}  // namespace weir::inline v0::detail
