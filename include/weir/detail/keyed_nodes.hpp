// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/aggregations.hpp"
#include "weir/detail/operators/count_window.hpp"
#include "weir/detail/operators/pane_window.hpp"
#include "weir/detail/operators/running_aggregate.hpp"
#include "weir/detail/operators/session_window.hpp"
#include "weir/detail/operators/triggered_window.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/detail/stream_nodes.hpp"
#include "weir/detail/window_node.hpp"
#include "weir/windows.hpp"

// The nodes that keyed and windowed streams add: where the graph and the operators meet.
namespace weir::inline v0::detail {

template <class W>
inline constexpr bool is_sessions = std::is_same_v<W, Sessions>;
template <class Gap>
inline constexpr bool is_sessions<SessionsBy<Gap>> = true;

template <class W, class T>
inline constexpr bool is_windows =
    std::is_same_v<W, TimeWindows> || std::is_same_v<W, CountWindows> ||
    std::is_same_v<W, GlobalWindow> || is_sessions<W>;

/// Sessions merge; other windows do without.
template <class A, class T, class W>
inline constexpr bool fits_windows = !is_sessions<W>;
template <class A, class T, class W>
requires is_sessions<W>
inline constexpr bool fits_windows<A, T, W> = can_merge<BoundTo<A, T>>;

template <class A, class T, class W, bool kIsSound>
inline constexpr bool is_sound_for = false;
template <class A, class T, class W>
inline constexpr bool is_sound_for<A, T, W, true> = fits_windows<A, T, W>;

template <class A, class T, class W>
inline constexpr bool is_window_aggregation = is_sound_for<A, T, W, is_aggregation<A, T>>;
template <class A, class T, class W>
inline constexpr bool is_window_accumulator =
    is_sound_for<Accumulate<A>, T, W, is_accumulator<A, T>>;

/// A node that runs where its key_by ends. Outlets: results, dead letters, others.
template <class Op, class... Part>
Node keyed_node(std::string operation, Part... parts) {
  Node node = user_node_of<Op>(std::move(operation), std::move(parts)...);
  node.kind = NodeKind::keyed;
  return node;
}

template <class K, class T, class Bound>
Node running_node(std::string operation, const Bound& bound) {
  static_assert(Encodable<typename Bound::State>,
                "an aggregation keeps this type in its state, which needs a weir::Codec for it");
  Node node = keyed_node<RunningAggregate<K, T, Bound>>(std::move(operation), bound);
  node.is_consumption_optional = true;  // A table may be there for queries alone.
  return node;
}

template <class K, class T, bool kIsUpdate, class Bound>
Node time_window_node(const TimeWindows& windows, const WindowRules& rules, const Bound& bound) {
  const HoppingOptions grid{windows.size(), windows.every(), windows.offset()};
  if constexpr (!kIsUpdate) {
    const bool can_share =
        windows.size() == windows.every() || (can_merge<Bound> && windows.every() < windows.size());
    if (rules.is_plain() && can_share) {
      return keyed_node<PaneWindow<K, T, Bound>>({}, grid, rules, bound);
    }
  }
  return keyed_node<TriggeredWindow<K, T, Bound, kIsUpdate>>({}, WindowSpace{grid}, rules, bound);
}

/// An operator for windows that are as they should be.
template <class K, class T, bool kIsUpdate, class W, class Bound>
Node sound_window_node(const W& windows, const WindowRules& rules, const Bound& bound) {
  if constexpr (std::is_same_v<W, TimeWindows>) {
    return time_window_node<K, T, kIsUpdate>(windows, rules, bound);
  } else if constexpr (std::is_same_v<W, GlobalWindow>) {
    return keyed_node<TriggeredWindow<K, T, Bound, kIsUpdate>>({}, WindowSpace{}, rules, bound);
  } else if constexpr (std::is_same_v<W, CountWindows>) {
    static_assert(!kIsUpdate, "count_windows() fire by count; leave out emit(on_update())");
    return keyed_node<CountWindow<K, T, Bound>>({}, windows, bound);
  } else {
    return keyed_node<SessionWindow<K, T, W, Bound, kIsUpdate>>({}, windows, rules, bound);
  }
}

template <class W>
bool is_by_processing_time(const W& windows) {
  if constexpr (std::is_same_v<W, CountWindows>) {
    return true;  // By arrival: they need no event time.
  } else if constexpr (std::is_same_v<W, GlobalWindow>) {
    return false;
  } else {
    return windows.is_by_processing_time();
  }
}

template <class W>
Duration rejoin_of(const W& windows) {
  if constexpr (is_sessions<W>) {
    return windows.rejoin();
  } else {
    return Duration{0};
  }
}

template <class K, class T, class Emission, class W, class Bound>
Node window_node(std::string operation, const W& windows, const WindowRules& rules,
                 const Bound& bound) {
  static_assert(Encodable<typename Bound::State>,
                "a window keeps this aggregate in its state, which needs a weir::Codec for it");
  const WindowRules settled = settle(rules, is_by_processing_time(windows), rejoin_of(windows));
  const std::vector<std::string> faults = windows.faults();
  Node node;
  if (faults.empty()) {
    node = sound_window_node<K, T, std::is_same_v<Emission, OnUpdate>>(windows, settled, bound);
  }
  node.kind = NodeKind::keyed;
  node.operation = std::move(operation);
  describe_windows(node, windows.describe(), settled, faults);
  return node;
}

}  // namespace weir::inline v0::detail
