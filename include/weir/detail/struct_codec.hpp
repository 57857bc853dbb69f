// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "weir/codec.hpp"

// Codecs of types that hold a fixed set of others. Part of weir/codec.hpp.

namespace weir::inline v0 {

namespace detail {

/// The fingerprints of several types: "i64,string".
template <Encodable... T>
void append_descriptions(std::string& out, TypeList<T...>) {
  ((append_comma(out), Codec<T>::fingerprint(out)), ...);
}

template <class List>
inline constexpr bool are_encodable = false;
template <class... T>
inline constexpr bool are_encodable<TypeList<T...>> = (Encodable<T> && ...);

template <class T>
consteval bool is_encodable_struct() {
  if constexpr (Aggregate<T>) {
    return are_encodable<FieldTypes<T>>;
  } else {
    return false;
  }
}

template <class T>
struct DescribedTypes;
template <class... F>
struct DescribedTypes<std::tuple<F...>> {
  using Types = TypeList<typename F::Type...>;
};

template <class T>
consteval bool is_encodable_class() {
  if constexpr (Described<T> && !Aggregate<T> && std::default_initializable<T>) {
    return are_encodable<typename DescribedTypes<std::remove_cvref_t<decltype(fields<T>)>>::Types>;
  } else {
    return false;
  }
}

/// A struct that is taken apart without help.
template <class T>
concept EncodableStruct = is_encodable_struct<T>();

/// A class that cannot be taken apart, but whose description says what it holds.
template <class T>
concept EncodableClass = is_encodable_class<T>();

/// `{v2:i64,string|clicks,landing}`
template <class T, class... F>
void append_struct_description(std::string& out, TypeList<F...> types) {
  out += '{';
  append_version(out, codec_version<T>);
  append_descriptions(out, types);
  if constexpr (Described<T>) {
    out += '|';
    for_each_field<T>([&out](const auto& each) {
      append_comma(out);
      out += each.name;
    });
  }
  out += '}';
}

template <class T, class... F>
T decode_fields(ByteReader& in, TypeList<F...>) {
  return T{Codec<F>::decode(in)...};  // Braces: evaluated from left to right.
}

}  // namespace detail

/// The fields in order of declaration, one after the other. A struct without fields is one zero
/// byte.
template <detail::EncodableStruct T>
struct Codec<T> {
  using Types = detail::FieldTypes<T>;

  static void encode(ByteWriter& out, const T& value) {
    if constexpr (detail::aggregate_size<T> == 0) out.u8(0);
    detail::with_fields(value, [&](const auto&... each) {
      (Codec<std::remove_cvref_t<decltype(each)>>::encode(out, each), ...);
    });
  }
  static T decode(ByteReader& in) {
    if constexpr (detail::aggregate_size<T> == 0) in.u8();
    return detail::decode_fields<T>(in, Types{});
  }
  static void fingerprint(std::string& out) { detail::append_struct_description<T>(out, Types{}); }
};

/// The described fields in the order of the description.
template <detail::EncodableClass T>
struct Codec<T> {
  using Types = typename detail::DescribedTypes<std::remove_cvref_t<decltype(fields<T>)>>::Types;

  static void encode(ByteWriter& out, const T& value) {
    for_each_field<T>([&](const auto& each) {
      Codec<typename std::remove_cvref_t<decltype(each)>::Type>::encode(out, value.*each.member);
    });
  }
  static T decode(ByteReader& in) {
    T value{};
    for_each_field<T>([&](const auto& each) {
      value.*each.member = Codec<typename std::remove_cvref_t<decltype(each)>::Type>::decode(in);
    });
    return value;
  }
  static void fingerprint(std::string& out) { detail::append_struct_description<T>(out, Types{}); }
};

/// The first, then the second.
template <Encodable A, Encodable B>
struct Codec<std::pair<A, B>> {
  static void encode(ByteWriter& out, const std::pair<A, B>& pair) {
    Codec<A>::encode(out, pair.first);
    Codec<B>::encode(out, pair.second);
  }
  static std::pair<A, B> decode(ByteReader& in) {
    return std::pair<A, B>{Codec<A>::decode(in), Codec<B>::decode(in)};
  }
  static void fingerprint(std::string& out) {
    out += "pair<";
    detail::append_descriptions(out, detail::TypeList<A, B>{});
    out += '>';
  }
};

/// The elements in order; an empty tuple is one zero byte.
template <Encodable... T>
struct Codec<std::tuple<T...>> {
  static void encode(ByteWriter& out, const std::tuple<T...>& tuple) {
    if constexpr (sizeof...(T) == 0) out.u8(0);
    std::apply([&](const T&... each) { (Codec<T>::encode(out, each), ...); }, tuple);
  }
  static std::tuple<T...> decode(ByteReader& in) {
    if constexpr (sizeof...(T) == 0) in.u8();
    return std::tuple<T...>{Codec<T>::decode(in)...};
  }
  static void fingerprint(std::string& out) {
    out += "tuple<";
    detail::append_descriptions(out, detail::TypeList<T...>{});
    out += '>';
  }
};

/// A byte, 0 or 1, and the value if there is one.
template <Encodable T>
struct Codec<std::optional<T>> {
  static void encode(ByteWriter& out, const std::optional<T>& value) {
    out.u8(value ? 1 : 0);
    if (value) Codec<T>::encode(out, *value);
  }
  static std::optional<T> decode(ByteReader& in) {
    if (!Codec<bool>::decode(in)) return std::nullopt;
    return std::optional<T>{std::in_place, Codec<T>::decode(in)};
  }
  static void fingerprint(std::string& out) {
    out += "optional<";
    Codec<T>::fingerprint(out);
    out += '>';
  }
};

/// Which alternative it is as a varint, then its value.
template <Encodable... T>
struct Codec<std::variant<T...>> {
  using Variant = std::variant<T...>;

  static void encode(ByteWriter& out, const Variant& value) {
    out.varint(value.index());
    std::visit(
        [&out](const auto& held) { Codec<std::remove_cvref_t<decltype(held)>>::encode(out, held); },
        value);
  }
  static Variant decode(ByteReader& in) {
    const std::uint64_t index = in.varint();
    if (index >= sizeof...(T)) detail::throw_out_of_range(in);
    return decode_alternative<0>(in, index);
  }
  static void fingerprint(std::string& out) {
    out += "variant<";
    detail::append_descriptions(out, detail::TypeList<T...>{});
    out += '>';
  }

 private:
  template <std::size_t kIndex>
  static Variant decode_alternative(ByteReader& in, std::uint64_t index) {
    if constexpr (kIndex + 1 < sizeof...(T)) {
      if (index != kIndex) return decode_alternative<kIndex + 1>(in, index);
    }
    using Held = std::variant_alternative_t<kIndex, Variant>;
    return Variant{std::in_place_index<kIndex>, Codec<Held>::decode(in)};
  }
};

}  // namespace weir::inline v0
