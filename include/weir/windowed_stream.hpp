// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "weir/aggregations.hpp"
#include "weir/detail/keyed_nodes.hpp"
#include "weir/record.hpp"
#include "weir/stream.hpp"
#include "weir/trigger.hpp"
#include "weir/window_results.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0 {

/// Kinds of windows that records of type T can be divided into: what `tumbling`, `hopping`,
/// `sessions`, `count_windows` and `global_window` return.
template <class W, class T>
concept WindowsFor = detail::is_windows<W, T>;

/// An aggregation that these windows can use: sessions, which merge, need one that can `merge`.
template <class A, class T, class W>
concept WindowAggregation = detail::is_window_aggregation<A, T, W>;

/// A type with `add` - for sessions, which merge, also `merge` - that windows can use.
template <class A, class T, class W>
concept WindowAccumulator = detail::is_window_accumulator<A, T, W>;

/// The records of each key, divided into windows; not yet aggregated. A handle of options: each
/// call returns a changed copy, and the aggregation at the end adds the node.
///
///     payments.key_by(&Payment::card)
///         .window(tumbling(1min))
///         .allow_lateness(10s)
///         .aggregate<Spend>()       // a Stream<Windowed<Card, Spend>>, with late()
///
/// Without more words: one result per window, when the watermark reaches its last millisecond;
/// what comes later is late.
template <class K, class T, class W, class Emission = OnClose>
class WindowedStream final {
 public:
  template <class V>
  using Results = WindowResults<std::conditional_t<std::is_same_v<Emission, OnUpdate>,
                                                   Change<WindowKey<K>, V>, Windowed<K, V>>,
                                Late<K, T>>;

  WindowedStream(detail::NodeRef ref, W windows, detail::WindowRules rules = {})
      : ref_{std::move(ref)}, windows_{std::move(windows)}, rules_{rules} {}

  // --- options ---------------------------------------------------------------------------------

  /// How long after its end, in event time, a window still takes records in; its state is kept as
  /// long. A record that comes after the result makes another one, with timing `late`. Default 0.
  WindowedStream allow_lateness(Duration lateness) const {
    return with([&](detail::WindowRules& rules) { rules.lateness = lateness; });
  }
  /// One late result per window and watermark, instead of one per late record.
  WindowedStream late_batched() const {
    return with([](detail::WindowRules& rules) { rules.is_late_batched = true; });
  }
  /// How long the final value of a window stays readable through queries, in event time after it
  /// takes no more records. Changes no output. Default 0.
  WindowedStream retain(Duration retention) const {
    return with([&](detail::WindowRules& rules) { rules.retention = retention; });
  }
  /// Each result of a window holds only what came after the last one.
  WindowedStream discarding() const {
    return with([](detail::WindowRules& rules) { rules.is_discarding = true; });
  }
  /// Each result of a window holds all that came. The default.
  WindowedStream accumulating() const {
    return with([](detail::WindowRules& rules) { rules.is_discarding = false; });
  }
  /// When windows fire: `at_window_end()` (the default), `at_count(n)`, `at_processing_time()`.
  WindowedStream trigger(const Trigger& trigger) const {
    return with([&](detail::WindowRules& rules) {
      rules.trigger = trigger;
      rules.has_trigger = true;
    });
  }
  /// One result per window when it closes. The default.
  WindowedStream emit(OnClose) const {
    return with([](detail::WindowRules& rules) {
      rules.emission = detail::WindowRules::Emission::on_close;
    });
  }
  /// A Change after each record, under WindowKey<K>. A session that becomes part of another one
  /// vanishes first: old value, nothing new, its old bounds. Closing emits nothing.
  ///
  ///     count() in sessions, gap 5, times 0, 3:
  ///     {a [0, 5), nullopt, 1}, {a [0, 5), 1, nullopt}, {a [0, 8), nullopt, 2}
  WindowedStream<K, T, W, OnUpdate> emit(OnUpdate) const {
    detail::WindowRules rules = rules_;
    rules.emission = detail::WindowRules::Emission::on_update;
    return {ref_, windows_, rules};
  }
  /// Results before the window closes, too: `early({.every = 1s})`, `early({.records = 100})`.
  WindowedStream emit(const EarlyOptions& early) const {
    return with([&](detail::WindowRules& rules) {
      rules.emission = detail::WindowRules::Emission::early;
      rules.early = early;
    });
  }

  // --- aggregations; each adds a node ----------------------------------------------------------

  /// An aggregation per key and window; `combine()` takes several at once.
  template <class A>
  requires WindowAggregation<A, T, W>
  auto aggregate(A aggregation) const { return add("aggregate", aggregation.template of<T>()); }
  /// The same with a type that has `add`. With `merge`, hopping windows share panes; sessions need
  /// it.
  template <class A>
  requires WindowAccumulator<A, T, W> Results<A> aggregate()
  const { return aggregate(accumulate<A>()); }
  /// The same with a function: `add(value, record)` returns the new value or changes it in place.
  template <class V, FoldFunction<V, T> Add>
  requires WindowAggregation<Fold<V, Add>, T, W> Results<V> aggregate(V initial, Add add)
  const { return aggregate(fold(std::move(initial), std::move(add))); }
  /// The same with `merge(value, other)`; see weir::fold.
  template <class V, FoldFunction<V, T> Add, FoldFunction<V, V> Merge>
  Results<V> aggregate(V initial, Add add, Merge merge) const {
    return aggregate(fold(std::move(initial), std::move(add), std::move(merge)));
  }

  /// How many records.
  Results<std::int64_t> count() const { return add("count", weir::count().of<T>()); }
  /// The sum of what `selector` gives; see weir::sum.
  template <ValueSelector<T> F>
  auto sum(F selector) const {
    return add("sum", weir::sum(std::move(selector)).template of<T>());
  }
  /// The smallest value of `selector`.
  template <ValueSelector<T> F>
  auto min(F selector) const {
    return add("min", weir::min(std::move(selector)).template of<T>());
  }
  /// The largest value of `selector`.
  template <ValueSelector<T> F>
  auto max(F selector) const {
    return add("max", weir::max(std::move(selector)).template of<T>());
  }
  /// The mean of the numbers that `selector` gives.
  template <ValueSelector<T> F>
  auto average(F selector) const {
    return add("average", weir::average(std::move(selector)).template of<T>());
  }
  /// The different values of `selector`.
  template <ValueSelector<T> F>
  auto collect_set(F selector) const {
    return add("collect_set", weir::collect_set(std::move(selector)).template of<T>());
  }
  /// All values of `selector`, in order of arrival.
  template <ValueSelector<T> F>
  auto collect_list(F selector) const {
    return add("collect_list", weir::collect_list(std::move(selector)).template of<T>());
  }
  /// The `count` records with the largest values of `selector`.
  template <ValueSelector<T> F>
  auto top_n(std::size_t count, F selector) const {
    return add("top_n", weir::top_n(count, std::move(selector)).template of<T>());
  }
  /// Folds records into one: `fn(const T&, const T&) -> T`, associative.
  template <ReduceFunction<T> F>
  auto reduce(F function) const {
    return add("reduce", weir::reduce(std::move(function)).template of<T>());
  }
  /// Several aggregations in one pass over the same panes: a std::tuple of their results.
  template <class... A>
  requires(WindowAggregation<A, T, W>&&...) auto combine(A... aggregations) const {
    return add("combine", weir::combine(std::move(aggregations)...).template of<T>());
  }
  /// A function of all records of a window, which are kept until then: `fn(records)` or
  /// `fn(key, window, records)`, with a std::vector in order of arrival.
  template <WindowFunction<K, T> F>
  auto apply(F function) const {
    return add("apply", detail::ApplyOf<K, T, F>{std::move(function)});
  }

 private:
  template <class Change>
  WindowedStream with(const Change& change) const {
    WindowedStream changed = *this;
    change(changed.rules_);
    return changed;
  }
  template <class Bound>
  auto add(const char* operation, const Bound& bound) const {
    using Added = Results<detail::ResultAt<Bound, K>>;
    const detail::NodeRef node =
        ref_.add(detail::window_node<K, T, Emission>(operation, windows_, rules_, bound));
    // Results have the time of their window, also where records have none.
    if (!std::is_same_v<W, CountWindows>) node.node().has_record_times = true;
    return Added{node};
  }

  detail::NodeRef ref_;
  W windows_;
  detail::WindowRules rules_;
};

}  // namespace weir::inline v0
