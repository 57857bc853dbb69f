// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include "weir/detail/callables.hpp"
#include "weir/emitter.hpp"
#include "weir/record.hpp"

// Callables written for rows, Keyed<K, V>, applied to the sides of a change.
namespace weir::inline v0::detail {

/// Maps the old and the new value; the key stays.
template <class K, class V, class F>
struct MapSides {
  using Value = PlainResult<F, Keyed<K, V>>;

  Change<K, Value> operator()(const Change<K, V>& change) const {
    return {change.key, side(change.key, change.old), side(change.key, change.now)};
  }
  std::optional<Value> side(const K& key, const std::optional<V>& value) const {
    if (!value) return std::nullopt;
    return std::invoke(function, Keyed<K, V>{key, *value});
  }

  F function;
};

/// Filters the old and the new value: what was seen and is no longer accepted vanishes.
///
///     value > 1:  {"a", 1, 2} -> {"a", nullopt, 2}    {"a", 2, 1} -> {"a", 2, nullopt}
///                 {"a", 0, 1} -> nothing              {"a", 2, 3} -> {"a", 2, 3}
template <class K, class V, class F>
struct FilterSides {
  void operator()(const Change<K, V>& change, Emitter<Change<K, V>>& emit) const {
    const bool has_old = accepts(change.key, change.old);
    const bool has_now = accepts(change.key, change.now);
    if (!has_old && !has_now) return;
    emit({change.key, has_old ? change.old : std::nullopt, has_now ? change.now : std::nullopt});
  }
  bool accepts(const K& key, const std::optional<V>& value) const {
    return value && static_cast<bool>(std::invoke(predicate, Keyed<K, V>{key, *value}));
  }

  F predicate;
};

/// Shows the new value of a change, where there is one.
template <class K, class V, class F>
struct ObserveNow {
  void operator()(const Change<K, V>& change) const {
    if (change.now) std::invoke(observer, Keyed<K, V>{change.key, *change.now});
  }

  F observer;
};

/// Accepts what predicate `kBranch` of several is the first to accept; kBranch = their number:
/// what none accepts.
template <std::size_t kBranch, class Predicates>
struct FirstAccepted {
  template <class Row>
  bool operator()(const Row& row) const {
    return std::apply(
        [&](const auto&... predicate) {
          std::size_t chosen = 0;
          (void)((static_cast<bool>(std::invoke(predicate, row)) || (++chosen, false)) || ...);
          return chosen == kBranch;
        },
        predicates);
  }

  Predicates predicates;
};

/// The observer as what a loop over records of type T calls.
template <class T, class F>
auto as_observer(F function) {
  if constexpr (observes<F, Row<T>> && is_change<T>) {
    using K = decltype(T::key);
    using V = typename decltype(T::now)::value_type;
    return ObserveNow<K, V, F>{std::move(function)};
  } else {
    return function;
  }
}

}  // namespace weir::inline v0::detail
