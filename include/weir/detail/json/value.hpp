// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/detail/json/reader.hpp"
#include "weir/detail/json/writer.hpp"
#include "weir/detail/scalar_text.hpp"
#include "weir/fields.hpp"
#include "weir/time.hpp"

// How each type is read from JSON and written to it. Part of weir/json.hpp, which adds the types
// with hooks of nlohmann_json.

namespace weir::inline v0::detail {

/// Reads one value of T, or writes it. Specialised for every type that has a form in JSON.
template <class T>
struct JsonValue;

template <class T>
void read_json(JsonReader& in, T& value) {
  JsonValue<T>::read(in, value);
}
template <class T>
void write_json(std::string& out, const T& value) {
  JsonValue<T>::write(out, value);
}

// --- scalars -----------------------------------------------------------------------------------

template <>
struct JsonValue<bool> {
  static void read(JsonReader& in, bool& value) { value = in.read_bool(); }
  static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
};

template <class T>
requires(std::integral<T> && sizeof(T) <= 8) struct JsonValue<T> {
  static void read(JsonReader& in, T& value) { value = in.read_integer<T>(); }
  static void write(std::string& out, T value) { append_integer(out, value); }
};

template <>
struct JsonValue<double> {
  static void read(JsonReader& in, double& value) { value = in.read_double(); }
  static void write(std::string& out, double value) { append_json_double(out, value); }
};

template <>
struct JsonValue<float> {
  static void read(JsonReader& in, float& value) { value = in.read_float(); }
  static void write(std::string& out, float value) { append_json_float(out, value); }
};

template <>
struct JsonValue<std::string> {
  static void read(JsonReader& in, std::string& value) { in.read_string(value); }
  static void write(std::string& out, const std::string& value) { append_json_string(out, value); }
};

/// A short text of a fixed size: a string, without the zeros that fill it up.
template <std::size_t kSize>
struct JsonValue<std::array<char, kSize>> {
  static void read(JsonReader& in, std::array<char, kSize>& value) {
    const std::string_view text = in.read_short_string();
    if (text.size() > kSize) in.fail("the text is longer than its field");
    value.fill('\0');
    std::copy(text.begin(), text.end(), value.begin());
  }
  static void write(std::string& out, const std::array<char, kSize>& value) {
    std::string_view text{value.data(), kSize};
    text = text.substr(0, text.find_last_not_of('\0') + 1);
    append_json_string(out, text);
  }
};

/// By name where it has names, else the number under it.
template <class T>
requires std::is_enum_v<T>
struct JsonValue<T> {
  using Number = std::underlying_type_t<T>;

  static void read(JsonReader& in, T& value) {
    if constexpr (NamedEnum<T>) {
      const auto named = find_enum<T>(in.read_short_string());
      if (!named) in.fail("the name is none of its enum's");
      value = *named;
    } else {
      value = static_cast<T>(in.read_integer<Number>());
    }
  }
  static void write(std::string& out, T value) {
    if constexpr (NamedEnum<T>) {
      append_json_string(out, name_of_enum(value));
    } else {
      append_integer(out, static_cast<Number>(value));
    }
  }
};

/// Milliseconds since the epoch.
template <>
struct JsonValue<EventTime> {
  static void read(JsonReader& in, EventTime& value) { value = EventTime{in.read_signed()}; }
  static void write(std::string& out, EventTime value) { append_signed(out, value.ms()); }
};

/// The number of ticks.
template <class Rep, class Period>
struct JsonValue<std::chrono::duration<Rep, Period>> {
  using Span = std::chrono::duration<Rep, Period>;

  static void read(JsonReader& in, Span& value) {
    Rep ticks{};
    read_json(in, ticks);
    value = Span{ticks};
  }
  static void write(std::string& out, Span value) { write_json(out, value.count()); }
};

template <class Span>
struct JsonValue<std::chrono::time_point<std::chrono::system_clock, Span>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, Span>;

  static void read(JsonReader& in, Time& value) {
    Span since_epoch{};
    read_json(in, since_epoch);
    value = Time{since_epoch};
  }
  static void write(std::string& out, Time value) { write_json(out, value.time_since_epoch()); }
};

/// The value, or null.
template <class T>
struct JsonValue<std::optional<T>> {
  static void read(JsonReader& in, std::optional<T>& value) {
    if (in.take_null()) {
      value.reset();
    } else {
      read_json(in, value.emplace());
    }
  }
  static void write(std::string& out, const std::optional<T>& value) {
    if (value) {
      write_json(out, *value);
    } else {
      out += "null";
    }
  }
};

/// A type with a form in JSON without help of nlohmann_json.
template <class T>
concept JsonBuiltIn = requires(JsonReader& in, std::string& out, T& value) {
  JsonValue<T>::read(in, value);
  JsonValue<T>::write(out, value);
};

}  // namespace weir::inline v0::detail
