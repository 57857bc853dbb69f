// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/codec.hpp"
#include "weir/export.hpp"
#include "weir/stable_hash.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// The bytes that a key is known by: they are hashed, compared and stored.
///
/// | key | its bytes |
/// | --- | --- |
/// | std::string | its own, in place |
/// | integer, enum, EventTime, float, double | as wide as it is, in an order that sorts as they do
/// | | std::array of characters or bytes; structs of integers without padding | as in memory | |
/// anything else | those of its `Codec` |
///
/// Equal keys have equal bytes and different keys different ones. Fixed for ever: state depends on
/// it. Specialise it for a type that knows shorter ones.
template <class K>
struct KeyCodec;

/// A type that records can be keyed by.
template <class K>
concept StreamKey = requires(const K& key, std::string& scratch, std::string_view bytes) {
  requires std::copyable<K>;
  requires std::equality_comparable<K>;
  { KeyCodec<K>::bytes(key, scratch) } -> std::same_as<std::string_view>;
  { KeyCodec<K>::decode(bytes) } -> std::same_as<K>;
};

namespace detail {

[[noreturn]] WEIR_API void throw_bad_key_size(std::size_t expected, std::size_t actual);

inline void check_key_size(std::string_view bytes, std::size_t expected) {
  if (bytes.size() != expected) throw_bad_key_size(expected, bytes.size());
}

template <std::size_t kBytes>
using UnsignedOf = std::conditional_t<
    kBytes == 1, std::uint8_t,
    std::conditional_t<kBytes == 2, std::uint16_t,
                       std::conditional_t<kBytes == 4, std::uint32_t, std::uint64_t>>>;

template <class Unsigned>
constexpr Unsigned big_endian(Unsigned value) noexcept {
  if constexpr (sizeof value == 1) return value;
  if constexpr (sizeof value == 2) return __builtin_bswap16(value);
  if constexpr (sizeof value == 4) return __builtin_bswap32(value);
  if constexpr (sizeof value == 8) return __builtin_bswap64(value);
}

/// Keys whose bytes are a number that sorts as they do.
template <class K>
concept NumberKey = (std::integral<K> && sizeof(K) <= 8) || std::is_enum_v<K> ||
                    std::same_as<K, EventTime> || std::same_as<K, float> || std::same_as<K, double>;

/// The number in order: negative ones come first.
template <NumberKey K>
constexpr UnsignedOf<sizeof(K)> ordered_bits(K key) noexcept {
  using Bits = UnsignedOf<sizeof(K)>;
  constexpr auto kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(K) - 1));
  if constexpr (std::same_as<K, EventTime>) {
    return ordered_bits(key.ms());
  } else if constexpr (std::is_enum_v<K>) {
    return ordered_bits(static_cast<std::underlying_type_t<K>>(key));
  } else if constexpr (std::is_floating_point_v<K>) {
    const auto bits = std::bit_cast<Bits>(key == 0 ? K{0} : key);  // -0.0 equals 0.0.
    return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
  } else if constexpr (std::is_signed_v<K>) {
    return static_cast<Bits>(static_cast<Bits>(key) ^ kSign);
  } else {
    return static_cast<Bits>(key);
  }
}

template <NumberKey K>
constexpr K from_ordered_bits(UnsignedOf<sizeof(K)> bits) noexcept {
  using Bits = UnsignedOf<sizeof(K)>;
  constexpr auto kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(K) - 1));
  if constexpr (std::same_as<K, EventTime>) {
    return EventTime{from_ordered_bits<std::int64_t>(bits)};
  } else if constexpr (std::is_enum_v<K>) {
    return static_cast<K>(from_ordered_bits<std::underlying_type_t<K>>(bits));
  } else if constexpr (std::is_floating_point_v<K>) {
    return std::bit_cast<K>((bits & kSign) != 0 ? static_cast<Bits>(bits ^ kSign)
                                                : static_cast<Bits>(~bits));
  } else if constexpr (std::is_signed_v<K>) {
    return static_cast<K>(static_cast<Bits>(bits ^ kSign));
  } else {
    return static_cast<K>(bits);
  }
}

template <class T>
struct IsRaw;

template <class List>
inline constexpr bool are_raw = false;
template <class... T>
inline constexpr bool are_raw<TypeList<T...>> = (IsRaw<T>::value && ...);

template <class T>
consteval bool is_raw() {
  if constexpr (std::same_as<T, bool> || std::is_empty_v<T>) {
    return false;
  } else if constexpr (std::integral<T> || std::is_enum_v<T> || std::same_as<T, EventTime>) {
    return true;
  } else if constexpr (Aggregate<T> && std::is_trivially_copyable_v<T> &&
                       std::has_unique_object_representations_v<T>) {
    return are_raw<FieldTypes<T>>;
  } else {
    return false;
  }
}

/// Whether equal values of T are equal in memory, byte by byte, and mean something there: integers
/// all the way down, no padding, no pointers.
template <class T>
struct IsRaw : std::bool_constant<is_raw<T>()> {};
template <class T, std::size_t kSize>
struct IsRaw<std::array<T, kSize>> : std::bool_constant<(kSize > 0 && IsRaw<T>::value)> {};

template <class K>
concept RawKey = IsRaw<K>::value && !NumberKey<K>;

}  // namespace detail

/// Big-endian, with the sign turned over.
template <detail::NumberKey K>
struct KeyCodec<K> {
  static std::string_view bytes(const K& key, std::string& scratch) {
    const auto bits = detail::big_endian(detail::ordered_bits(key));
    char text[sizeof bits];
    std::memcpy(text, &bits, sizeof bits);
    scratch.assign(text, sizeof bits);
    return scratch;
  }
  static K decode(std::string_view bytes) {
    detail::check_key_size(bytes, sizeof(K));
    detail::UnsignedOf<sizeof(K)> bits;
    std::memcpy(&bits, bytes.data(), sizeof bits);
    return detail::from_ordered_bits<K>(detail::big_endian(bits));
  }
};

/// The text itself; nothing is copied.
template <>
struct KeyCodec<std::string> {
  static std::string_view bytes(const std::string& key, std::string&) noexcept { return key; }
  static std::string decode(std::string_view bytes) { return std::string{bytes}; }
};

/// The object's own memory; nothing is copied.
template <detail::RawKey K>
struct KeyCodec<K> {
  static std::string_view bytes(const K& key, std::string&) noexcept {
    return {reinterpret_cast<const char*>(&key), sizeof key};
  }
  static K decode(std::string_view bytes) {
    detail::check_key_size(bytes, sizeof(K));
    std::array<char, sizeof(K)> memory;
    std::memcpy(memory.data(), bytes.data(), sizeof(K));
    return std::bit_cast<K>(memory);
  }
};

/// What the Codec writes.
template <Encodable K>
requires(!detail::NumberKey<K> && !detail::RawKey<K>) struct KeyCodec<K> {
  static std::string_view bytes(const K& key, std::string& scratch) {
    ByteWriter out{std::move(scratch)};
    Codec<K>::encode(out, key);
    scratch = out.take();
    return scratch;
  }
  static K decode(std::string_view bytes) { return decode_from_string<K>(bytes); }
};

/// The hash of a key, `stable_hash` of its bytes. `scratch` is memory that is used again from call
/// to call, for keys whose bytes are not at hand.
template <StreamKey K>
std::uint64_t hash_key(const K& key, std::string& scratch) {
  if constexpr (detail::NumberKey<K>) {
    const auto bits = detail::big_endian(detail::ordered_bits(key));
    return stable_hash({reinterpret_cast<const char*>(&bits), sizeof bits});
  } else {
    return stable_hash(KeyCodec<K>::bytes(key, scratch));
  }
}

}  // namespace weir::inline v0
