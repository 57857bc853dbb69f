// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/bytes.hpp"
#include "weir/detail/aggregate.hpp"
#include "weir/detail/record_fields.hpp"
#include "weir/export.hpp"
#include "weir/fields.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// How a T is stored in state and checkpoints.
///
/// Built in, at any depth: numbers, bool, enums, std::string, EventTime, durations and time points
/// of std::chrono, vector, deque, list, array, (unordered_)set and (unordered_)map, optional,
/// variant, pair, tuple, structs without a constructor, base class or C array (up to 32 fields,
/// no bit-fields), and types whose fields are described (`fields.hpp`). Equal values have equal
/// bytes, also of unordered containers; a float's bits are stored as they are. Anything else says
/// how itself:
///
///     template <>
///     struct weir::Codec<Url> {
///       static void encode(weir::ByteWriter& out, const Url& url) { out.sized(url.text()); }
///       static Url decode(weir::ByteReader& in) { return Url{std::string{in.sized()}}; }
///       static void fingerprint(std::string& out) { out += "url 1"; }
///     };
///
/// `encode` writes at least one byte and always the same ones for equal values. `decode` reads
/// exactly what `encode` wrote, and throws `CorruptState` on anything else, never worse: it may
/// be given any bytes. `fingerprint` appends a text that changes whenever the bytes' meaning does.
/// The bytes of the built-in ones are listed in src/codec/README.md; they never change.
template <class T>
struct Codec;

/// A type that state can hold: there is a Codec for it.
template <class T>
concept Encodable = requires(ByteWriter& out, ByteReader& in, const T& value, std::string& text) {
  Codec<T>::encode(out, value);
  { Codec<T>::decode(in) } -> std::same_as<T>;
  Codec<T>::fingerprint(text);
};

/// The version of a struct, part of its fingerprint. Raise it when the fields stay the same and
/// their meaning changes:
///
///     template <>
///     inline constexpr std::uint32_t weir::codec_version<Visit> = 2;
template <class T>
inline constexpr std::uint32_t codec_version = 0;

/// The text behind T's fingerprint: its types in order, the names of its fields where they are
/// described, its version. `{v2:i64,string|clicks,landing}`
template <Encodable T>
std::string codec_description() {
  std::string text;
  Codec<T>::fingerprint(text);
  return text;
}

namespace detail {

WEIR_API std::uint64_t hash_description(std::string_view text) noexcept;
[[noreturn]] WEIR_API void throw_out_of_range(const ByteReader& in);
[[noreturn]] WEIR_API void throw_left_over(const ByteReader& in);
/// Reads a number of elements. Throws CorruptState if there cannot be that many: each has a byte.
WEIR_API std::size_t decode_count(ByteReader& in);
/// "i64", "u8", ...
WEIR_API void append_integer_name(std::string& out, bool is_signed, std::size_t bytes);
/// The version of a struct that has one: "v2:".
WEIR_API void append_version(std::string& out, std::uint32_t version);
/// Types or names, separated by commas: `item` is appended, after a comma unless it is the first.
WEIR_API void append_comma(std::string& out);

}  // namespace detail

/// Identifies how T is stored: equal for equal formats, in every program and version of weir.
template <Encodable T>
std::uint64_t codec_fingerprint() {
  return detail::hash_description(codec_description<T>());
}

/// The bytes of one value on its own.
template <Encodable T>
std::string encode_to_string(const T& value) {
  ByteWriter out;
  Codec<T>::encode(out, value);
  return out.take();
}

/// The value that these bytes hold, and nothing else. Throws: CorruptState if they do not.
template <Encodable T>
T decode_from_string(std::string_view bytes) {
  ByteReader in{bytes};
  T value = Codec<T>::decode(in);
  if (!in.empty()) detail::throw_left_over(in);
  return value;
}

// --- numbers -----------------------------------------------------------------------------------

/// One byte: 0 or 1.
template <>
struct Codec<bool> {
  static void encode(ByteWriter& out, bool value) { out.u8(value ? 1 : 0); }
  static bool decode(ByteReader& in) {
    const std::uint8_t byte = in.u8();
    if (byte > 1) detail::throw_out_of_range(in);
    return byte == 1;
  }
  static void fingerprint(std::string& out) { out += "bool"; }
};

/// One byte as it is; wider ones as a varint, signed ones as a zigzag varint.
template <class T>
requires(std::integral<T> && sizeof(T) <= 8) struct Codec<T> {
  static void encode(ByteWriter& out, T value) {
    if constexpr (sizeof(T) == 1) {
      out.u8(static_cast<std::uint8_t>(value));
    } else if constexpr (std::is_signed_v<T>) {
      out.zigzag(value);
    } else {
      out.varint(value);
    }
  }
  static T decode(ByteReader& in) {
    if constexpr (sizeof(T) == 1) {
      return static_cast<T>(in.u8());
    } else if constexpr (std::is_signed_v<T>) {
      return narrow(in, in.zigzag());
    } else {
      return narrow(in, in.varint());
    }
  }
  static void fingerprint(std::string& out) {
    detail::append_integer_name(out, std::is_signed_v<T>, sizeof(T));
  }

 private:
  template <class Wide>
  static T narrow(const ByteReader& in, Wide wide) {
    const auto value = static_cast<T>(wide);
    if (static_cast<Wide>(value) != wide) detail::throw_out_of_range(in);
    return value;
  }
};

/// A single byte; the same on machines where char is signed and where it is not.
template <>
struct Codec<char> {
  static void encode(ByteWriter& out, char value) { out.u8(static_cast<std::uint8_t>(value)); }
  static char decode(ByteReader& in) { return static_cast<char>(in.u8()); }
  static void fingerprint(std::string& out) { out += "char"; }
};

/// Four bytes, their bits as they are.
template <>
struct Codec<float> {
  static void encode(ByteWriter& out, float value) { out.f32(value); }
  static float decode(ByteReader& in) { return in.f32(); }
  static void fingerprint(std::string& out) { out += "f32"; }
};

/// Eight bytes, their bits as they are.
template <>
struct Codec<double> {
  static void encode(ByteWriter& out, double value) { out.f64(value); }
  static double decode(ByteReader& in) { return in.f64(); }
  static void fingerprint(std::string& out) { out += "f64"; }
};

/// As the integer under it. Any value of that integer is accepted.
template <class T>
requires std::is_enum_v<T>
struct Codec<T> {
  using Integer = std::underlying_type_t<T>;

  static void encode(ByteWriter& out, T value) {
    Codec<Integer>::encode(out, static_cast<Integer>(value));
  }
  static T decode(ByteReader& in) { return static_cast<T>(Codec<Integer>::decode(in)); }
  static void fingerprint(std::string& out) {
    out += "enum ";
    Codec<Integer>::fingerprint(out);
  }
};

// --- time --------------------------------------------------------------------------------------

/// Milliseconds as a zigzag varint.
template <>
struct Codec<EventTime> {
  static void encode(ByteWriter& out, EventTime time) { out.zigzag(time.ms()); }
  static EventTime decode(ByteReader& in) { return EventTime{in.zigzag()}; }
  static void fingerprint(std::string& out) { out += "time"; }
};

/// The number of ticks; how long a tick is stands in the fingerprint.
template <Encodable Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;

  static void encode(ByteWriter& out, Duration span) { Codec<Rep>::encode(out, span.count()); }
  static Duration decode(ByteReader& in) { return Duration{Codec<Rep>::decode(in)}; }
  static void fingerprint(std::string& out) {
    out += "duration " + std::to_string(Period::num) + '/' + std::to_string(Period::den) + ' ';
    Codec<Rep>::fingerprint(out);
  }
};

/// The duration since the clock's epoch. For clocks whose epoch survives a restart.
template <Encodable Span>
struct Codec<std::chrono::time_point<std::chrono::system_clock, Span>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, Span>;

  static void encode(ByteWriter& out, Time time) {
    Codec<Span>::encode(out, time.time_since_epoch());
  }
  static Time decode(ByteReader& in) { return Time{Codec<Span>::decode(in)}; }
  static void fingerprint(std::string& out) {
    out += "since 1970 ";
    Codec<Span>::fingerprint(out);
  }
};

// --- text --------------------------------------------------------------------------------------

/// A varint length and the bytes.
template <class Allocator>
struct Codec<std::basic_string<char, std::char_traits<char>, Allocator>> {
  using String = std::basic_string<char, std::char_traits<char>, Allocator>;

  static void encode(ByteWriter& out, const String& text) { out.sized(text); }
  static String decode(ByteReader& in) { return String{in.sized()}; }
  static void fingerprint(std::string& out) { out += "string"; }
};

}  // namespace weir::inline v0

#include "weir/detail/container_codec.hpp"
#include "weir/detail/struct_codec.hpp"
