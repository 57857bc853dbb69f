// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "weir/concepts.hpp"
#include "weir/dead_letter.hpp"
#include "weir/detail/graph/node_ref.hpp"
#include "weir/detail/stream_nodes.hpp"
#include "weir/event_time.hpp"
#include "weir/on_error.hpp"

namespace weir::inline v0 {

template <class K, class T>
class KeyedStream;

/// The end of a stream: where its records leave the topology.
class Output final {
 public:
  explicit Output(detail::NodeRef ref) : ref_{std::move(ref)} {}

  /// Names the node; see Stream::named.
  Output named(std::string name) const {
    ref_.name(std::move(name));
    return *this;
  }
  /// What becomes of records for which user code throws.
  Output on_error(OnError policy) const {
    ref_.node().on_error = policy;
    return *this;
  }

  const detail::NodeRef& ref() const noexcept { return ref_; }

 private:
  detail::NodeRef ref_;
};

/// A stream of records of type T, in a topology that is being built.
///
/// A handle is a small value: copies stand for the same node, and several uses of one handle are
/// branches. Functions add a node and return a handle to it. User code is copied for every task
/// and called on worker threads, several at a time for one node; what it throws is for on_error().
///
/// A stream of Change<K, V> keeps old and new values in step: filter, map, split take functions of
/// a row, Keyed<K, V>, and apply them to both sides. What passed a filter and does so no longer
/// vanishes: {key, old, nullopt}.
template <class T>
class Stream final {
 public:
  using value_type = T;

  explicit Stream(detail::NodeRef ref) : ref_{std::move(ref)} {}

  /// One record for each record, with the same event time. Of changes, also: a function of the
  /// whole Change makes ordinary records.
  ///
  ///     1, 2, 3  ->  .map([](int n) { return n * 10; })  ->  10, 20, 30
  template <MapFunction<T> F>
  Stream<detail::MapResult<F, T>> map(F function) const {
    return Stream<detail::MapResult<F, T>>{
        ref_.add(detail::map_node<T, detail::MapResult<F, T>>(std::move(function)))};
  }

  /// The records that the predicate accepts; nothing is copied.
  ///
  ///     1, 2, 3  ->  .filter([](int n) { return n > 1; })  ->  2, 3
  template <Predicate<T> F>
  Stream filter(F predicate) const {
    return Stream{ref_.add(detail::filter_node<T>("filter", std::move(predicate)))};
  }

  /// Any number of records for each record, with the same event time: those of the range that the
  /// function returns, or those it gives to the Emitter that it takes.
  ///
  ///     "a b", "c"  ->  .flat_map(words_of)  ->  "a", "b", "c"
  template <FlatMapFunction<T> F>
  Stream<detail::FlatMapResult<F, T>> flat_map(F function) const {
    using U = detail::FlatMapResult<F, T>;
    return Stream<U>{ref_.add(detail::flat_map_node<T, U>(std::move(function)))};
  }
  /// The same for a generic lambda, whose Emitter's type has to be said: `flat_map<Word>(...)`.
  template <class U, FlatMapFunctionTo<T, U> F>
  Stream<U> flat_map(F function) const {
    return Stream<U>{ref_.add(detail::flat_map_node<T, U>(std::move(function)))};
  }

  /// The same records; the function looks at each. For side effects that may come twice: after a
  /// crash, records since the last checkpoint are read again.
  template <Observer<T> F>
  Stream peek(F observer) const {
    return Stream{ref_.add(detail::peek_node<T>(std::move(observer)))};
  }

  /// The records of all of them, each in its own order.
  template <std::same_as<Stream>... Other>
  Stream union_with(const Stream& other, const Other&... others) const {
    return Stream{
        detail::NodeRef::add(detail::union_node<T>(), {ref_, other.ref_, others.ref_...})};
  }

  /// A branch for each predicate, with the records that it is the first to accept, and one for the
  /// rest, which may stay unused.
  ///
  ///     const auto [small, even, rest] = numbers.split(is_small, is_even);
  template <Predicate<T>... F>
  std::array<Stream, sizeof...(F) + 1> split(F... predicates) const {
    return split_at(std::index_sequence_for<F..., T>{}, std::tuple<F...>{std::move(predicates)...});
  }

  /// Groups the records by key. A selector that returns a reference into the record is the fast
  /// way: nothing is copied.
  ///
  ///     clicks.key_by(&Click::user)    words.key_by(std::identity{})
  template <KeySelector<T> F>
  KeyedStream<detail::KeyResult<F, T>, T> key_by(F selector) const {
    using K = detail::KeyResult<F, T>;
    return KeyedStream<K, T>{ref_.add(detail::key_by_node<K, T>(std::move(selector)))};
  }

  /// Windows over all records, not per key: a keyed window on the one key All::records. It runs in
  /// one shard, whatever the number of workers.
  template <class Windows>
  auto window_all(Windows windows) const {
    detail::Node node = detail::key_by_node<All, T>([](const T&) { return All::records; });
    node.operation = "window_all";
    node.shards = 1;
    return KeyedStream<All, T>{ref_.add(std::move(node))}.window(std::move(windows));
  }

  /// Gives records their event time, and starts watermarks in each split. A record without a usable
  /// time is for on_error().
  ///
  ///     clicks.event_time(&Click::at, {.max_disorder = 10s, .idle_after = 1min})
  template <TimeSelector<T> F>
  Stream event_time(F selector, EventTimeOptions<T> options = {}) const {
    return Stream{ref_.add_timed(detail::event_time_node<T>(std::move(selector), options))};
  }
  /// The same with the time that records bring along from their source.
  Stream event_time(EventTimeOptions<T> options = {}) const {
    detail::Node node = detail::event_time_node<T>(detail::OwnTime{}, options);
    if (!ref_.node().has_record_times) {
      node.faults.push_back(
          "event_time() without a selector needs records that bring a time from their source; "
          "pass one, like event_time(&Click::at)");
    }
    return Stream{ref_.add_timed(std::move(node))};
  }

  /// Writes the records to a sink.
  template <SinkFor<T> S>
  Output to(S&& sink) const {
    return Output{ref_.add(detail::sink_node<T>(std::forward<S>(sink)))};
  }
  template <SinkFor<T> S>
  Output to(std::string name, S&& sink) const {
    return to(std::forward<S>(sink)).named(std::move(name));
  }

  /// Calls the function for each record; of changes also a function of the row, Keyed<K, V>, for
  /// each that has a new value. Calls never overlap, though they come from several threads: a lock
  /// is held for the length of a batch. At least once: after a crash, calls come again.
  template <Observer<T> F>
  Output for_each(F function) const {
    return Output{ref_.add(detail::for_each_node<T>(std::move(function)))};
  }
  template <Observer<T> F>
  Output for_each(std::string name, F function) const {
    return for_each(std::move(function)).named(std::move(name));
  }

  /// Names the node that this stream comes from. A name must be unique in the topology; it stands
  /// in checkpoints and metrics, so changing it orphans the node's state. Without one it is derived
  /// from the nearest named node above and the operation, like "clicks.window".
  Stream named(std::string name) const {
    ref_.name(std::move(name));
    return *this;
  }

  /// What the node does with records for which user code throws, that cannot be decoded, or that
  /// have no usable time.
  Stream on_error(OnError policy) const {
    ref_.node().on_error = policy;
    return *this;
  }

  /// The records that the node gave up. Sets OnError::dead_letter(), with the retries set before.
  Stream<DeadLetter> dead_letters() const { return Stream<DeadLetter>{detail::letters_of(ref_)}; }

  /// For handles that are built on this one; not for users.
  const detail::NodeRef& ref() const noexcept { return ref_; }

 private:
  template <std::size_t... kBranch, class Predicates>
  std::array<Stream, sizeof...(kBranch)> split_at(std::index_sequence<kBranch...>,
                                                  Predicates predicates) const {
    if constexpr (detail::is_change<T>) {
      return {Stream{ref_.add(
          detail::filter_node<T>("split", detail::FirstAccepted<kBranch, Predicates>{predicates},
                                 kBranch + 1 == sizeof...(kBranch)))}...};
    } else {
      const detail::NodeRef node = ref_.add(detail::branch_node<T>(std::move(predicates)));
      return {Stream{node.at_outlet(kBranch)}...};
    }
  }

  detail::NodeRef ref_;
};

}  // namespace weir::inline v0
