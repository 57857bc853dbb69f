// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

// How many fields a plain aggregate has, and what they are, found without a macro: by trying
// how many initialisers it takes.

namespace weir::inline v0::detail {

/// More fields than this are not taken apart.
inline constexpr std::size_t kMaxFields = 32;
inline constexpr std::size_t kTooManyFields = kMaxFields + 1;

/// Stands for a value of any type, in expressions that are never evaluated.
struct AnyValue {
  template <class T>
  operator T() const {  // NOLINT(google-explicit-constructor): converting is its purpose
    __builtin_unreachable();
  }
};

template <std::size_t>
using AnyValueAt = AnyValue;

template <class Base, class T>
concept ProperBaseOf = std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>;

/// Converts to the proper bases of T only.
template <class T>
struct AnyBaseOf {
  template <ProperBaseOf<T> Base>
  operator Base() const {  // NOLINT(google-explicit-constructor): converting is its purpose
    __builtin_unreachable();
  }
};

template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
  return requires { T{AnyValueAt<I>{}...}; };
}

template <class T, std::size_t... I>
consteval bool takes_base_first(std::index_sequence<I...>) {
  return requires { T{AnyBaseOf<T>{}, AnyValueAt<I>{}...}; };
}

template <class T, std::size_t... Before, std::size_t... After>
consteval bool takes_braces_at(std::index_sequence<Before...>, std::index_sequence<After...>) {
  return requires { T{AnyValueAt<Before>{}..., {}, AnyValueAt<After>{}...}; };
}

/// The largest number of initialisers of T. Fewer may be too few (a field without a default), so
/// the search goes up to the first that fits and on to the last.
template <class T, std::size_t kCount = 0, bool kHasFit = false>
consteval std::size_t count_initialisers() {
  if constexpr (takes<T>(std::make_index_sequence<kCount>{})) {
    if constexpr (kCount == kTooManyFields)
      return kTooManyFields;
    else
      return count_initialisers<T, kCount + 1, true>();
  } else if constexpr (kHasFit) {
    return kCount - 1;
  } else if constexpr (kCount == kTooManyFields) {
    return kTooManyFields;
  } else {
    return count_initialisers<T, kCount + 1, false>();
  }
}

template <class T, std::size_t kCount>
consteval bool has_base() {
  if constexpr (kCount == 0)
    return false;
  else
    return takes_base_first<T>(std::make_index_sequence<kCount - 1>{});
}

/// Whether initialiser kAt belongs to a C array, which takes several: `{}` in its place leaves
/// too many for the rest.
template <class T, std::size_t kAt, std::size_t kCount>
consteval bool starts_array() {
  using Before = std::make_index_sequence<kAt>;
  return takes_braces_at<T>(Before{}, std::index_sequence<>{}) &&
         !takes_braces_at<T>(Before{}, std::make_index_sequence<kCount - 1 - kAt>{});
}

template <class T, std::size_t... I>
consteval bool has_array(std::index_sequence<I...>) {
  return (starts_array<T, I, sizeof...(I)>() || ...);
}

/// Types that say themselves what they are taken apart into, such as std::array.
template <class T>
concept TupleLike = requires {
  std::tuple_size<T>::value;
};

template <class T>
consteval std::size_t count_fields() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T> || TupleLike<T>) {
    return kTooManyFields;
  } else {
    constexpr std::size_t kCount = count_initialisers<T>();
    if constexpr (kCount == kTooManyFields)
      return kTooManyFields;
    else if constexpr (has_base<T, kCount>())
      return kTooManyFields;
    else if constexpr (has_array<T>(std::make_index_sequence<kCount>{}))
      return kTooManyFields;
    else
      return kCount;
  }
}

/// The number of fields of T, or kTooManyFields if T cannot be taken apart.
template <class T>
inline constexpr std::size_t aggregate_size = count_fields<T>();

/// A struct that can be taken apart: no base class, no private field, no constructor, no C array,
/// no bit-field, at most 32 fields.
template <class T>
concept Aggregate = aggregate_size<T>
<= kMaxFields;

/// Calls `use(field...)` with every field of `value`, in order of declaration.
template <class T, class Use>
// NOLINTNEXTLINE(readability-function-size): there is no other way to bind them
constexpr decltype(auto) with_fields(T& value, Use&& use) {
  constexpr std::size_t kCount = aggregate_size<std::remove_const_t<T>>;
  if constexpr (kCount == 1) {
    auto& [a] = value;
    return use(a);
  } else if constexpr (kCount == 2) {
    auto& [a, b] = value;
    return use(a, b);
  } else if constexpr (kCount == 3) {
    auto& [a, b, c] = value;
    return use(a, b, c);
  } else if constexpr (kCount == 4) {
    auto& [a, b, c, d] = value;
    return use(a, b, c, d);
  } else if constexpr (kCount == 5) {
    auto& [a, b, c, d, e] = value;
    return use(a, b, c, d, e);
  } else if constexpr (kCount == 6) {
    auto& [a, b, c, d, e, g] = value;
    return use(a, b, c, d, e, g);
  } else if constexpr (kCount == 7) {
    auto& [a, b, c, d, e, g, h] = value;
    return use(a, b, c, d, e, g, h);
  } else if constexpr (kCount == 8) {
    auto& [a, b, c, d, e, g, h, i] = value;
    return use(a, b, c, d, e, g, h, i);
  } else if constexpr (kCount == 9) {
    auto& [a, b, c, d, e, g, h, i, j] = value;
    return use(a, b, c, d, e, g, h, i, j);
  } else if constexpr (kCount == 10) {
    auto& [a, b, c, d, e, g, h, i, j, k] = value;
    return use(a, b, c, d, e, g, h, i, j, k);
  } else if constexpr (kCount == 11) {
    auto& [a, b, c, d, e, g, h, i, j, k, l] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l);
  } else if constexpr (kCount == 12) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m);
  } else if constexpr (kCount == 13) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n);
  } else if constexpr (kCount == 14) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o);
  } else if constexpr (kCount == 15) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p);
  } else if constexpr (kCount == 16) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q);
  } else if constexpr (kCount == 17) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r);
  } else if constexpr (kCount == 18) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s);
  } else if constexpr (kCount == 19) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  } else if constexpr (kCount == 20) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  } else if constexpr (kCount == 21) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  } else if constexpr (kCount == 22) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  } else if constexpr (kCount == 23) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  } else if constexpr (kCount == 24) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y);
  } else if constexpr (kCount == 25) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);
  } else if constexpr (kCount == 26) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa);
  } else if constexpr (kCount == 27) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab] =
        value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab);
  } else if constexpr (kCount == 28) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac] =
        value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac);
  } else if constexpr (kCount == 29) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac,
           ad] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad);
  } else if constexpr (kCount == 30) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac,
           ad, ae] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae);
  } else if constexpr (kCount == 31) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac,
           ad, ae, ag] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae, ag);
  } else if constexpr (kCount == 32) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac,
           ad, ae, ag, ah] = value;
    return use(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae, ag, ah);
  } else {
    return use();
  }
}

template <class...>
struct TypeList {};

struct ListTypes {
  template <class... Field>
  TypeList<Field...> operator()(const Field&...) const {
    return {};
  }
};

/// TypeList of the types of the fields of T.
template <Aggregate T>
using FieldTypes = decltype(with_fields(std::declval<const T&>(), ListTypes{}));

}  // namespace weir::inline v0::detail
