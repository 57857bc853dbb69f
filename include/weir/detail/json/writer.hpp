// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Appends a string in quotes, with the escapes that JSON demands. Throws: BadRecord, if it is not
/// UTF-8.
WEIR_API void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest number that reads back as the same. Throws: BadRecord for infinities and
/// for what is not a number.
WEIR_API void append_json_double(std::string& out, double value);
WEIR_API void append_json_float(std::string& out, float value);

/// `{"name":` or `,"name":`, made by the compiler.
template <std::size_t kSize>
consteval std::array<char, kSize + 4> json_member_start(std::string_view name, bool is_first) {
  std::array<char, kSize + 4> text{};
  text[0] = is_first ? '{' : ',';
  text[1] = '"';
  for (std::size_t i = 0; i < kSize; ++i) text[i + 2] = name[i];
  text[kSize + 2] = '"';
  text[kSize + 3] = ':';
  return text;
}

/// Whether a field's name can stand in JSON as it is.
consteval bool is_plain_json_name(std::string_view name) {
  for (const char each : name) {
    if (each == '"' || each == '\\' || (each >= 0 && each < 0x20)) return false;
  }
  return true;
}

}  // namespace weir::inline v0::detail
