// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/emitter.hpp"
#include "weir/key.hpp"
#include "weir/record.hpp"
#include "weir/sink.hpp"
#include "weir/source.hpp"

// What the nouns of concepts.hpp are made of. Each result type forms for any callable, also for
// one that does not fit, so that it is the concept that a compile error names.
namespace weir::inline v0::detail {

/// The result of a callable that does not fit.
struct Unusable {};

template <class T>
inline constexpr bool is_streamable =
    std::is_object_v<T> && !std::is_array_v<T> && std::same_as<T, std::remove_cv_t<T>> &&
    std::is_move_constructible_v<T> && !std::same_as<T, bool> &&
    !std::same_as<T, std::string_view> && !std::same_as<T, Unusable>;

template <class T>
struct RowOf {
  using type = T;
};
template <class K, class V>
struct RowOf<Change<K, V>> {
  using type = Keyed<K, V>;
};
/// What filter and map see: the record; of a change, one side of it under its key.
template <class T>
using Row = typename RowOf<T>::type;

template <class T>
inline constexpr bool is_change = !std::same_as<T, Row<T>>;

template <class Alike, class F, class... Argument>
struct ResultOf {
  using type = Unusable;
};
template <class F, class... Argument>
struct ResultOf<std::true_type, F, Argument...> {
  using type = std::invoke_result_t<const F&, Argument...>;
};
/// What a const F returns, as it is; Unusable when it cannot be called.
template <class F, class... Argument>
using Result = typename ResultOf<std::bool_constant<std::is_invocable_v<const F&, Argument...>>, F,
                                 Argument...>::type;

// --- map, filter, peek -------------------------------------------------------------------------

template <class F, class T>
using PlainResult = std::remove_cvref_t<Result<F, const T&>>;

template <class F, class T>
inline constexpr bool maps = std::copy_constructible<F>&& is_streamable<PlainResult<F, T>>;

template <class F, class T, bool kMapsRows>
struct MapResultOf {
  using type = PlainResult<F, T>;
};
template <class F, class K, class V>
struct MapResultOf<F, Change<K, V>, true> {
  using type = Change<K, PlainResult<F, Keyed<K, V>>>;
};
template <class F, class T>
using MapResult = typename MapResultOf<F, T, maps<F, Row<T>>>::type;

template <class F, class T>
inline constexpr bool is_predicate =
    std::copy_constructible<F>&& std::is_invocable_r_v<bool, const F&, const T&>;

template <class F, class T>
inline constexpr bool observes =
    std::copy_constructible<F>&& std::is_invocable_v<const F&, const T&>;

// --- flat_map ----------------------------------------------------------------------------------

template <class Signature>
struct EmittedBy {
  using type = Unusable;
};
template <class Result, class Input, class U>
struct EmittedBy<Result (*)(Input, Emitter<U>&)> {
  using type = U;
};
template <class Result, class Input, class U>
struct EmittedBy<Result (*)(Input, Emitter<U>&) noexcept> {
  using type = U;
};
template <class Functor, class Result, class Input, class U>
struct EmittedBy<Result (Functor::*)(Input, Emitter<U>&) const> {
  using type = U;
};
template <class Functor, class Result, class Input, class U>
struct EmittedBy<Result (Functor::*)(Input, Emitter<U>&) const noexcept> {
  using type = U;
};
template <class F>
struct EmittedOf : EmittedBy<F> {};
template <class F>
requires requires { &F::operator(); }
struct EmittedOf<F> : EmittedBy<decltype(&F::operator())> {};
/// What the emitter in F's own signature takes.
template <class F>
using Emitted = typename EmittedOf<F>::type;

template <class R>
struct ElementOf {
  using type = Unusable;
};
template <class R>
requires(std::ranges::input_range<R> &&
         !std::convertible_to<R, std::string_view>) struct ElementOf<R> {
  using type = std::ranges::range_value_t<R>;
};

template <class F, class T>
inline constexpr bool emits_for = !std::same_as<Emitted<F>, Unusable>;

template <class F, class T>
using FlatMapResult =
    std::conditional_t<emits_for<F, T>, Emitted<F>, typename ElementOf<Result<F, const T&>>::type>;

template <class F, class T, class U>
inline constexpr bool emits = std::copy_constructible<F>&& is_streamable<U>&&
    std::is_invocable_v<const F&, const T&, Emitter<U>&>;

template <class F, class T>
inline constexpr bool flat_maps =
    emits_for<F, T> ? emits<F, T, Emitted<F>>
                    : std::copy_constructible<F>&& is_streamable<FlatMapResult<F, T>>;

// --- keys and times ----------------------------------------------------------------------------

template <class F, class T>
using KeyResult = PlainResult<F, T>;

template <class F, class T>
inline constexpr bool selects_key = std::copy_constructible<F>&& StreamKey<KeyResult<F, T>>;

template <class R>
inline constexpr bool is_time = std::same_as<R, EventTime>;
template <class Span>
inline constexpr bool is_time<std::chrono::sys_time<Span>> = true;
template <class R>
inline constexpr bool is_time<std::optional<R>> = is_time<R>;

template <class F, class T>
inline constexpr bool selects_time = std::copy_constructible<F>&& is_time<PlainResult<F, T>>;

constexpr EventTime to_event_time(EventTime time) noexcept { return time; }
template <class Span>
constexpr EventTime to_event_time(std::chrono::sys_time<Span> time) noexcept {
  return EventTime{std::chrono::floor<Duration>(time)};
}

// --- sources and sinks -------------------------------------------------------------------------

template <class S>
struct SourceValueOf {
  using type = Unusable;
};
template <class S>
requires requires { typename S::value_type; }
struct SourceValueOf<S> {
  using type = typename S::value_type;
};
template <class S>
requires requires { typename S::element_type::value_type; }
struct SourceValueOf<S> {
  using type = typename S::element_type::value_type;
};
/// The records of a source: a pointer to it, or what converts to one.
template <class S>
using SourceValue = typename SourceValueOf<std::remove_cvref_t<S>>::type;

template <class S>
inline constexpr bool is_source =
    is_streamable<SourceValue<S>>&& std::convertible_to<S, std::shared_ptr<Source<SourceValue<S>>>>;

template <class S, class T>
inline constexpr bool is_sink = std::convertible_to<S, std::shared_ptr<Sink<T>>>;

}  // namespace weir::inline v0::detail
