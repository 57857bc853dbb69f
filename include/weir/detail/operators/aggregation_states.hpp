// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/distinct_sketch.hpp"
#include "weir/key.hpp"
#include "weir/time.hpp"

// What aggregations.hpp names, bound to the type of the records. Each has State and Result, and
//   State make(); void add(State&, const T&); Result result(const State&);
// and, where it can, merge(State&, const State&) and subtract(State&, const State&).
namespace weir::inline v0::detail {

template <class A, class T>
inline constexpr bool is_accumulator =
    std::default_initializable<A>&& std::copyable<A>&& requires(A a, const T& record) {
  a.add(record);
};
template <class A>
inline constexpr bool has_merge = requires(A a, const A& other) {
  a.merge(other);
};
template <class A>
inline constexpr bool has_subtract = requires(A a, const A& other) {
  a.subtract(other);
};

template <class Bound>
inline constexpr bool can_merge = requires(const Bound& bound, typename Bound::State& a,
                                           const typename Bound::State& b) {
  bound.merge(a, b);
};
template <class Bound>
inline constexpr bool can_subtract = requires(const Bound& bound, typename Bound::State& a,
                                              const typename Bound::State& b) {
  bound.subtract(a, b);
};

template <class Bound, class T>
inline constexpr bool is_bound = requires(const Bound& bound, typename Bound::State& state,
                                          const T& record) {
  bound.add(state, record);
  { bound.make() } -> std::same_as<typename Bound::State>;
};
template <class A, class T>
inline constexpr bool is_aggregation = requires(const A& aggregation) {
  requires is_bound<decltype(aggregation.template of<T>()), T>;
};

/// An aggregation bound to records of type T.
template <class A, class T>
using BoundTo = decltype(std::declval<const A&>().template of<T>());

/// Selects the record itself.
struct Whole {
  template <class T>
  const T& operator()(const T& record) const noexcept {
    return record;
  }
};

template <class T, class Selector>
using Selected = std::remove_cvref_t<std::invoke_result_t<const Selector&, const T&>>;

template <class V>
using SumState = std::conditional_t<std::integral<V>, std::int64_t,
                                    std::conditional_t<std::floating_point<V>, double, V>>;

/// Integers wrap around.
template <class V>
void add_to(V& sum, const V& value) {
  if constexpr (std::integral<V>) {
    static_cast<void>(__builtin_add_overflow(sum, value, &sum));
  } else {
    sum += value;
  }
}

template <class T>
struct CountOf {
  using State = std::int64_t;
  using Result = std::int64_t;
  State make() const noexcept { return 0; }
  void add(State& state, const T&) const noexcept { ++state; }
  void merge(State& state, const State& other) const noexcept { state += other; }
  void subtract(State& state, const State& other) const noexcept { state -= other; }
  Result result(const State& state) const noexcept { return state; }
};

template <class T, class Selector>
struct SumOf {
  using State = SumState<Selected<T, Selector>>;
  using Result = State;
  Selector selector;

  State make() const { return State{}; }
  void add(State& state, const T& record) const {
    add_to(state, static_cast<State>(std::invoke(selector, record)));
  }
  void merge(State& state, const State& other) const { add_to(state, other); }
  /// Not for floating point: what was added would not go away without a trace.
  void subtract(State& state, const State& other) const requires std::integral<State> {
    static_cast<void>(__builtin_sub_overflow(state, other, &state));
  }
  Result result(const State& state) const { return state; }
};

template <class T, class Selector, bool kIsMax>
struct ExtremeOf {
  using Value = Selected<T, Selector>;
  using State = std::optional<Value>;
  using Result = Value;
  Selector selector;

  State make() const { return std::nullopt; }
  void add(State& state, const T& record) const { take(state, std::invoke(selector, record)); }
  void merge(State& state, const State& other) const {
    if (other) take(state, *other);
  }
  Result result(const State& state) const { return *state; }

 private:
  static void take(State& state, const Value& value) {
    if (!state || (kIsMax ? *state < value : value < *state)) state = value;
  }
};

struct MeanState {
  double sum = 0;
  std::int64_t count = 0;
};

template <class T, class Selector>
struct AverageOf {
  using State = MeanState;
  using Result = double;
  Selector selector;

  State make() const noexcept { return {}; }
  void add(State& state, const T& record) const {
    state.sum += static_cast<double>(std::invoke(selector, record));
    ++state.count;
  }
  void merge(State& state, const State& other) const noexcept {
    state.sum += other.sum;
    state.count += other.count;
  }
  Result result(const State& state) const noexcept {
    return state.count == 0 ? 0 : state.sum / static_cast<double>(state.count);
  }
};

template <class T, class Selector>
struct SetOf {
  using State = std::set<Selected<T, Selector>>;
  using Result = State;
  Selector selector;

  State make() const { return {}; }
  void add(State& state, const T& record) const { state.insert(std::invoke(selector, record)); }
  void merge(State& state, const State& other) const { state.insert(other.begin(), other.end()); }
  Result result(const State& state) const { return state; }
};

template <class T, class Selector>
struct DistinctCountOf : SetOf<T, Selector> {
  using State = typename SetOf<T, Selector>::State;
  using Result = std::int64_t;
  Result result(const State& state) const noexcept {
    return static_cast<std::int64_t>(state.size());
  }
};

template <class T, class Selector>
struct ApproximateDistinctCountOf {
  using State = DistinctSketch;
  using Result = std::int64_t;
  Selector selector;

  State make() const { return {}; }
  void add(State& state, const T& record) const {
    const Selected<T, Selector>& value = std::invoke(selector, record);
    std::string scratch;
    add_hash(state, hash_key(value, scratch));
  }
  void merge(State& state, const State& other) const { merge_sketch(state, other); }
  Result result(const State& state) const { return distinct_hashes(state); }
};

template <class T, class Selector>
struct ListOf {
  using State = std::vector<Selected<T, Selector>>;
  using Result = State;
  Selector selector;

  State make() const { return {}; }
  void add(State& state, const T& record) const { state.push_back(std::invoke(selector, record)); }
  void merge(State& state, const State& other) const {
    state.insert(state.end(), other.begin(), other.end());
  }
  Result result(const State& state) const { return state; }
};

template <class T, class Selector>
struct TopOf {
  using State = std::vector<T>;
  using Result = State;
  std::size_t count;
  Selector selector;

  State make() const { return {}; }
  void add(State& state, const T& record) const {
    const auto at = std::upper_bound(state.begin(), state.end(), record, larger());
    if (at == state.end() && state.size() >= count) return;
    state.insert(at, record);
    if (state.size() > count) state.pop_back();
  }
  void merge(State& state, const State& other) const {
    for (const T& record : other) add(state, record);
  }
  Result result(const State& state) const { return state; }

 private:
  auto larger() const {
    return [this](const T& a, const T& b) {
      return std::invoke(selector, b) < std::invoke(selector, a);
    };
  }
};

template <class T, class Fn>
struct ReduceOf {
  using State = std::optional<T>;
  using Result = T;
  Fn fn;

  State make() const { return std::nullopt; }
  void add(State& state, const T& record) const {
    state = state ? std::invoke(fn, std::as_const(*state), record) : record;
  }
  void merge(State& state, const State& other) const {
    if (other) add(state, *other);
  }
  Result result(const State& state) const { return *state; }
};

template <class T>
struct LatestOf {
  using State = std::optional<T>;
  using Result = T;

  State make() const { return std::nullopt; }
  void add(State& state, const T& record) const { state = record; }
  Result result(const State& state) const { return *state; }
};

template <class T, class A>
struct AccumulatorOf {
  using State = A;
  using Result = A;

  State make() const { return A{}; }
  void add(State& state, const T& record) const { state.add(record); }
  void merge(State& state, const State& other) const requires has_merge<A> { state.merge(other); }
  void subtract(State& state, const State& other) const requires has_subtract<A> {
    state.subtract(other);
  }
  Result result(const State& state) const { return state; }
};

/// Calls fn(value, argument): takes its result, or lets it change the value in place.
template <class Fn, class V, class Argument>
void fold_into(const Fn& fn, V& value, const Argument& argument) {
  if constexpr (std::is_void_v<std::invoke_result_t<const Fn&, V&, const Argument&>>) {
    std::invoke(fn, value, argument);
  } else {
    value = std::invoke(fn, value, argument);
  }
}

struct NoMerge {};

template <class T, class V, class Add, class Merge>
struct FoldOf {
  using State = V;
  using Result = V;
  /// A record that joins a session starts from `initial` again, and takes the session in.
  static constexpr bool kStartsAnew = true;
  V initial;
  Add fn;
  Merge merger;

  State make() const { return initial; }
  void add(State& state, const T& record) const { fold_into(fn, state, record); }
  void merge(State& state, const State& other) const requires(!std::same_as<Merge, NoMerge>) {
    fold_into(merger, state, other);
  }
  Result result(const State& state) const { return state; }
};

template <class Bound>
inline constexpr bool starts_anew = requires {
  requires Bound::kStartsAnew;
};

template <class T, class... Bound>
struct CombinationOf {
  using State = std::tuple<typename Bound::State...>;
  using Result = std::tuple<typename Bound::Result...>;
  std::tuple<Bound...> parts;

  State make() const {
    return std::apply([](const Bound&... part) { return State{part.make()...}; }, parts);
  }
  void add(State& state, const T& record) const {
    each([&](const auto& part, auto place) { part.add(std::get<place()>(state), record); });
  }
  void merge(State& state, const State& other) const requires(can_merge<Bound>&&...) {
    each([&](const auto& part, auto place) {
      part.merge(std::get<place()>(state), std::get<place()>(other));
    });
  }
  void subtract(State& state, const State& other) const requires(can_subtract<Bound>&&...) {
    each([&](const auto& part, auto place) {
      part.subtract(std::get<place()>(state), std::get<place()>(other));
    });
  }
  Result result(const State& state) const {
    return results(state, std::index_sequence_for<Bound...>{});
  }

 private:
  template <class Use>
  void each(const Use& use) const {
    each(use, std::index_sequence_for<Bound...>{});
  }
  template <class Use, std::size_t... I>
  void each(const Use& use, std::index_sequence<I...>) const {
    (use(std::get<I>(parts), std::integral_constant<std::size_t, I>{}), ...);
  }
  template <std::size_t... I>
  Result results(const State& state, std::index_sequence<I...>) const {
    return Result{std::get<I>(parts).result(std::get<I>(state))...};
  }
};

/// All records of a window, for apply(): `fn(records)` or `fn(key, window, records)`.
template <class K, class T, class Fn>
struct ApplyOf {
  using State = std::vector<T>;
  Fn fn;

  State make() const { return {}; }
  void add(State& state, const T& record) const { state.push_back(record); }
  void merge(State& state, const State& other) const {
    state.insert(state.end(), other.begin(), other.end());
  }
  auto result(const K& key, const Window& window, const State& state) const {
    if constexpr (std::is_invocable_v<const Fn&, const K&, const Window&, const State&>) {
      return std::invoke(fn, key, window, state);
    } else {
      return std::invoke(fn, state);
    }
  }
};

/// What a window shows of its state.
template <class Bound, class K>
auto result_at(const Bound& bound, const K& key, const Window& window,
               const typename Bound::State& state) {
  if constexpr (requires { bound.result(key, window, state); }) {
    return bound.result(key, window, state);
  } else {
    return bound.result(state);
  }
}
template <class Bound, class K>
using ResultAt = decltype(result_at(std::declval<const Bound&>(), std::declval<const K&>(),
                                    std::declval<const Window&>(),
                                    std::declval<const typename Bound::State&>()));
template <class A, class T>
using AggregateOf = typename BoundTo<A, T>::Result;

template <class F, class T>
inline constexpr bool selects_value =
    std::copy_constructible<F>&& std::is_invocable_v<const F&, const T&> &&
    !std::is_void_v<std::invoke_result_t<const F&, const T&>>;
template <class F, class T>
inline constexpr bool reduces =
    std::copy_constructible<F>&& std::is_invocable_r_v<T, const F&, const T&, const T&>;
template <class F, class V, class T>
inline constexpr bool folds =
    std::copy_constructible<F>&& std::is_invocable_v<const F&, V&, const T&>;
template <class F, class K, class T>
inline constexpr bool applies =
    std::is_invocable_v<const F&, const std::vector<T>&> ||
    std::is_invocable_v<const F&, const K&, const Window&, const std::vector<T>&>;

}  // namespace weir::inline v0::detail
