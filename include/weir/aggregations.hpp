// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include "weir/detail/operators/aggregation_states.hpp"

// What windows and keyed streams compute. Each is also a call of its own - `.count()`,
// `.sum(&Order::total)` - and `combine()` takes several at once.
namespace weir::inline v0 {

/// A type that takes records of type T one by one, and is its own result:
///
///     struct Spend {
///       std::int64_t total = 0;
///       void add(const Payment& payment) { total += payment.amount; }
///       void merge(const Spend& other) { total += other.total; }         // for sessions and panes
///       void subtract(const Spend& other) { total -= other.total; }      // optional
///     };
///
/// A new one is the aggregate of nothing. Records arrive in any order, so `add` and `merge` must
/// give one answer in any order. If `add` throws, the value stays as it left it.
template <class A, class T>
concept AccumulatorFor = detail::is_accumulator<A, T>;

/// The same with `merge`: what sessions need.
template <class A, class T>
concept MergingAccumulatorFor = detail::is_accumulator<A, T> && detail::has_merge<A>;

/// An aggregation of records of type T, such as `count()`, `sum(&Order::total)` or `combine(...)`.
template <class A, class T>
concept AggregationOf = detail::is_aggregation<A, T>;

/// Says what of a record counts: `(const T&) -> value`, or a pointer to a member of T.
template <class F, class T>
concept ValueSelector = detail::selects_value<F, T>;

/// Makes one record of two: `(const T&, const T&) -> T`.
template <class F, class T>
concept ReduceFunction = detail::reduces<F, T>;

/// Adds a record to a value: `(V&, const T&)`, or `(const V&, const T&) -> V`.
template <class F, class V, class T>
concept FoldFunction = detail::folds<F, V, T>;

/// Makes a result of all records of a window: `(const std::vector<T>&) -> V`, or
/// `(const K&, const Window&, const std::vector<T>&) -> V`.
template <class F, class K, class T>
concept WindowFunction = detail::applies<F, K, T>;

/// How many records: std::int64_t.
struct Count {
  template <class T>
  detail::CountOf<T> of() const {
    return {};
  }
};
constexpr Count count() noexcept { return {}; }

/// The sum of what `selector` gives: std::int64_t for integers, double for floating point, else the
/// type itself, with `+=`. Integers wrap around when they overflow.
template <class Selector>
struct Sum {
  Selector selector;

  template <class T>
  detail::SumOf<T, Selector> of() const {
    return {selector};
  }
};
template <class Selector>
Sum<Selector> sum(Selector selector) {
  return {std::move(selector)};
}

/// The smallest value that `selector` gives.
template <class Selector>
struct Min {
  Selector selector;

  template <class T>
  detail::ExtremeOf<T, Selector, false> of() const {
    return {selector};
  }
};
template <class Selector>
Min<Selector> min(Selector selector) {
  return {std::move(selector)};
}

/// The largest value that `selector` gives.
template <class Selector>
struct Max {
  Selector selector;

  template <class T>
  detail::ExtremeOf<T, Selector, true> of() const {
    return {selector};
  }
};
template <class Selector>
Max<Selector> max(Selector selector) {
  return {std::move(selector)};
}

/// The mean of the numbers that `selector` gives: double.
template <class Selector>
struct Average {
  Selector selector;

  template <class T>
  detail::AverageOf<T, Selector> of() const {
    return {selector};
  }
};
template <class Selector>
Average<Selector> average(Selector selector) {
  return {std::move(selector)};
}

/// The different values that `selector` gives: std::set. As large as they are many.
template <class Selector>
struct CollectSet {
  Selector selector;

  template <class T>
  detail::SetOf<T, Selector> of() const {
    return {selector};
  }
};
template <class Selector>
CollectSet<Selector> collect_set(Selector selector) {
  return {std::move(selector)};
}

/// How many different values `selector` gives, exactly: std::int64_t. Keeps all of them.
template <class Selector>
struct DistinctCount {
  Selector selector;

  template <class T>
  detail::DistinctCountOf<T, Selector> of() const {
    return {{selector}};
  }
};
template <class Selector>
DistinctCount<Selector> distinct_count(Selector selector) {
  return {std::move(selector)};
}

/// How many different values `selector` gives, about: std::int64_t. Exact up to 256; beyond that
/// the standard error is 1.6 %, so two of three answers are closer than that and 997 of 1000 closer
/// than 5 %. Takes up to 4 KiB however many values there are, where distinct_count() keeps them
/// all. Values are told apart by the hash of their key bytes (KeyCodec).
///
///     visits.window(tumbling(1h)).aggregate(approximate_distinct_count(&Visit::user))
template <class Selector>
struct ApproximateDistinctCount {
  Selector selector;

  template <class T>
  detail::ApproximateDistinctCountOf<T, Selector> of() const {
    return {selector};
  }
};
template <class Selector>
ApproximateDistinctCount<Selector> approximate_distinct_count(Selector selector) {
  return {std::move(selector)};
}

/// All values that `selector` gives, in order of arrival: std::vector.
template <class Selector>
struct CollectList {
  Selector selector;

  template <class T>
  detail::ListOf<T, Selector> of() const {
    return {selector};
  }
};
template <class Selector>
CollectList<Selector> collect_list(Selector selector) {
  return {std::move(selector)};
}
/// All records, in order of arrival.
inline CollectList<detail::Whole> collect_list() { return {}; }

/// The `count` records with the largest value of `selector`, the largest first: std::vector<T>.
/// Of equal ones the earlier arrival comes first.
template <class Selector>
struct TopN {
  std::size_t count;
  Selector selector;

  template <class T>
  detail::TopOf<T, Selector> of() const {
    return {count, selector};
  }
};
template <class Selector>
TopN<Selector> top_n(std::size_t count, Selector selector) {
  return {count, std::move(selector)};
}

/// Folds records into one of their own type: `fn(const T&, const T&) -> T`, associative. The first
/// record is taken as it is.
template <class Fn>
struct Reduce {
  Fn fn;

  template <class T>
  detail::ReduceOf<T, Fn> of() const {
    return {fn};
  }
};
template <class Fn>
Reduce<Fn> reduce(Fn fn) {
  return {std::move(fn)};
}

/// The record that arrived last.
struct Latest {
  template <class T>
  detail::LatestOf<T> of() const {
    return {};
  }
};
constexpr Latest latest() noexcept { return {}; }

/// A type with `add`, as an aggregation for `combine()`.
template <class A>
struct Accumulate {
  template <class T>
  detail::AccumulatorOf<T, A> of() const {
    return {};
  }
};
template <class A>
constexpr Accumulate<A> accumulate() noexcept {
  return {};
}

/// Folds records into a value: `add(value, record)` returns the new value or changes it in place.
template <class V, class Add>
struct Fold {
  V initial;
  Add add;

  template <class T>
  detail::FoldOf<T, V, Add, detail::NoMerge> of() const {
    return {initial, add, {}};
  }
};
template <class V, class Add>
Fold<V, Add> fold(V initial, Add add) {
  return {std::move(initial), std::move(add)};
}

/// The same, with `merge(value, other)` for sessions and panes. A record that joins a session is
/// folded as in Kafka Streams: a new value from `initial`, merged with the session's, then the
/// record.
template <class V, class Add, class Merge>
struct MergingFold {
  V initial;
  Add add;
  Merge merge;

  template <class T>
  detail::FoldOf<T, V, Add, Merge> of() const {
    return {initial, add, merge};
  }
};
template <class V, class Add, class Merge>
MergingFold<V, Add, Merge> fold(V initial, Add add, Merge merge) {
  return {std::move(initial), std::move(add), std::move(merge)};
}

/// Several aggregations of the same records, in one pass over one state: std::tuple of results.
///
///     .aggregate(combine(count(), sum(&Order::total), max(&Order::total)))
template <class... Part>
struct Combine {
  std::tuple<Part...> parts;

  template <class T>
  auto of() const {
    return std::apply(
        [](const Part&... part) {
          return detail::CombinationOf<T, decltype(part.template of<T>())...>{
              {part.template of<T>()...}};
        },
        parts);
  }
};
template <class... Part>
requires(sizeof...(Part) > 0) Combine<Part...> combine(Part... part) {
  return {{std::move(part)...}};
}

}  // namespace weir::inline v0
