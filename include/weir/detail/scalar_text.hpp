// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "weir/export.hpp"
#include "weir/fields.hpp"

// Numbers and names as text, the same in JSON and in CSV.

namespace weir::inline v0::detail {

/// The whole of `text` as a decimal integer; empty if it is none, or none of this type.
template <std::integral T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// The whole of `text` as a decimal floating-point number; empty if it is none, or too large.
WEIR_API std::optional<double> parse_double(std::string_view text);
WEIR_API std::optional<float> parse_float(std::string_view text);

template <std::floating_point T>
std::optional<T> parse_floating(std::string_view text) {
  if constexpr (std::same_as<T, float>) {
    return parse_float(text);
  } else {
    return parse_double(text);
  }
}

WEIR_API void append_signed(std::string& out, std::int64_t value);
WEIR_API void append_unsigned(std::string& out, std::uint64_t value);
/// The shortest text that reads back as the same number.
WEIR_API void append_float(std::string& out, float value);
WEIR_API void append_double(std::string& out, double value);

template <std::integral T>
void append_integer(std::string& out, T value) {
  if constexpr (std::is_signed_v<T>) {
    append_signed(out, value);
  } else {
    append_unsigned(out, value);
  }
}

template <std::floating_point T>
void append_floating(std::string& out, T value) {
  if constexpr (std::same_as<T, float>) {
    append_float(out, value);
  } else {
    append_double(out, value);
  }
}

/// The value of that name; empty if none has it.
template <NamedEnum Enum>
std::optional<Enum> find_enum(std::string_view name) {
  for (const auto& each : EnumNames<Enum>::all) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

[[noreturn]] WEIR_API void throw_unnamed_enum();

/// The name of a value. Throws: BadRecord, if it has none.
template <NamedEnum Enum>
std::string_view name_of_enum(Enum value) {
  for (const auto& each : EnumNames<Enum>::all) {
    if (each.value == value) return each.name;
  }
  throw_unnamed_enum();
}

}  // namespace weir::inline v0::detail
