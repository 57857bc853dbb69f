// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "weir/aggregations.hpp"
#include "weir/detail/keyed_nodes.hpp"
#include "weir/key.hpp"
#include "weir/process.hpp"
#include "weir/processed.hpp"
#include "weir/stream.hpp"
#include "weir/table.hpp"
#include "weir/windowed_stream.hpp"

namespace weir::inline v0 {

/// A stream of records of type T under keys of type K: all records of a key go to one shard, in
/// the order of arrival. A handle; copies stand for the same node.
///
/// Aggregations without a window run on and on: a Table with one value per key, kept for ever.
template <class K, class T>
class KeyedStream final {
 public:
  using key_type = K;
  using value_type = T;

  explicit KeyedStream(detail::NodeRef ref) : ref_{std::move(ref)} {}

  // --- windows ---------------------------------------------------------------------------------

  /// Divides the records of each key into windows: tumbling, hopping, sessions, count_windows,
  /// global_window. Windows by event time need a stream with event_time().
  ///
  ///     .window(tumbling(1min)).count()
  template <WindowsFor<T> W>
  WindowedStream<K, T, W> window(W windows) const {
    return WindowedStream<K, T, W>{ref_, std::move(windows)};
  }

  // --- running aggregations --------------------------------------------------------------------

  /// An aggregation over all records of a key so far; `combine()` takes several at once.
  ///
  ///     .aggregate(combine(count(), sum(&Order::total)))
  template <AggregationOf<T> A>
  Table<K, detail::AggregateOf<A, T>> aggregate(A aggregation) const {
    return Table<K, detail::AggregateOf<A, T>>{
        ref_.add(detail::running_node<K, T>("aggregate", aggregation.template of<T>()))};
  }
  /// The same with a type that has `add`.
  ///
  ///     .aggregate<Spend>()
  template <AccumulatorFor<T> A>
  Table<K, A> aggregate() const {
    return aggregate(accumulate<A>());
  }
  /// The same with a function: `add(value, record)` returns the new value or changes it in place.
  ///
  ///     .aggregate(0, [](int& total, const Order& order) { total += order.amount; })
  template <class V, FoldFunction<V, T> Add>
  Table<K, V> aggregate(V initial, Add add) const {
    return aggregate(fold(std::move(initial), std::move(add)));
  }

  /// How many records there were.
  ///
  ///     "a", "b", "a"  ->  a: 1, b: 1, a: 2
  Table<K, std::int64_t> count() const { return named_after("count", weir::count()); }
  /// The sum of what `selector` gives; see weir::sum.
  template <ValueSelector<T> F>
  auto sum(F selector) const {
    return named_after("sum", weir::sum(std::move(selector)));
  }
  /// The smallest value of `selector`.
  template <ValueSelector<T> F>
  auto min(F selector) const {
    return named_after("min", weir::min(std::move(selector)));
  }
  /// The largest value of `selector`.
  template <ValueSelector<T> F>
  auto max(F selector) const {
    return named_after("max", weir::max(std::move(selector)));
  }
  /// The mean of the numbers that `selector` gives.
  template <ValueSelector<T> F>
  auto average(F selector) const {
    return named_after("average", weir::average(std::move(selector)));
  }
  /// The different values of `selector`.
  template <ValueSelector<T> F>
  auto collect_set(F selector) const {
    return named_after("collect_set", weir::collect_set(std::move(selector)));
  }
  /// All values of `selector`, in order of arrival. Grows without bound.
  template <ValueSelector<T> F>
  auto collect_list(F selector) const {
    return named_after("collect_list", weir::collect_list(std::move(selector)));
  }
  /// The `count` records with the largest values of `selector`.
  template <ValueSelector<T> F>
  auto top_n(std::size_t count, F selector) const {
    return named_after("top_n", weir::top_n(count, std::move(selector)));
  }
  /// Folds records into one: `fn(const T&, const T&) -> T`.
  template <ReduceFunction<T> F>
  auto reduce(F function) const {
    return named_after("reduce", weir::reduce(std::move(function)));
  }
  /// Several aggregations in one pass: a std::tuple of their results.
  template <AggregationOf<T>... A>
  auto combine(A... aggregations) const {
    return named_after("combine", weir::combine(std::move(aggregations)...));
  }
  /// The record that arrived last, under its key.
  ///
  ///     customers.key_by(&Customer::id).latest()
  Table<K, T> latest() const { return named_after("latest", weir::latest()); }

  // --- user code with state and timers ---------------------------------------------------------

  /// Runs one P per shard, made from copies of `arguments`: a class derived from
  /// KeyedProcess<K, T, Out>.
  ///
  ///     .process<Silence>(30s)
  template <KeyedProcessOf<K, T> P, class... Argument>
  Processed<typename P::output_type> process(Argument... arguments) const {
    return detail::add_process<P>(ref_, std::move(arguments)...);
  }
  /// The same as a function that sets a process up and returns what runs for each record; see
  /// ProcessSetup.
  ///
  ///     .process<Alert>([](auto& setup) { ... return [=](const Reading& reading) { ... }; })
  template <class Out, ProcessSetupFor<K, T, Out> F>
  Processed<Out> process(F setup) const {
    return detail::add_process<detail::SetUpProcess<K, T, Out, F>>(ref_, std::move(setup));
  }

  /// Says that the records need no exchange, because they lie in the partitions of their topic by
  /// this key already: shard p reads partition p and nothing else. Nothing is copied or
  /// repartitioned on the way ("no repartition needed", as Kafka Streams says), and several
  /// processes can share the job.
  ///
  ///     topology.source("clicks", clicks_by_user).key_by(&Click::user).keyed_by_partition()
  ///
  /// weir cannot find out whether that is true. A record whose key belongs to another partition is
  /// counted in the shard that it was read in, beside the others of its key: the results of that
  /// key come in pieces. So every record of a key has to be written with the same partitioner and
  /// the same number of partitions, and on the way from the source the key may not change.
  ///
  /// Event time goes on in each shard with its partition alone. The number of shards is that of
  /// the partitions; a topic that grows has its keys elsewhere, and the job stops. Sources that
  /// meet in one keyed operator need equal numbers of partitions. ConfigError for sources whose
  /// splits are no partitions, and below an exchange in memory.
  KeyedStream keyed_by_partition() const {
    ref_.node().placement = detail::KeyPlacement::partition;
    ref_.node().parameters = "by partition";
    return *this;
  }

  /// Names the exchange; see Stream::named.
  KeyedStream named(std::string name) const {
    ref_.name(std::move(name));
    return *this;
  }

  /// For handles that are built on this one; not for users.
  const detail::NodeRef& ref() const noexcept { return ref_; }

 private:
  template <class A>
  auto named_after(const char* operation, const A& aggregation) const {
    return Table<K, detail::AggregateOf<A, T>>{
        ref_.add(detail::running_node<K, T>(operation, aggregation.template of<T>()))};
  }

  detail::NodeRef ref_;
};

}  // namespace weir::inline v0
