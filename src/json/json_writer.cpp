// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <string_view>

#include "json/text_scan.hpp"
#include "weir/detail/json/writer.hpp"
#include "weir/detail/scalar_text.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

namespace {

void append_escaped(std::string& out, char byte) {
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t index = kMeanings.find(byte);
  out += '\\';
  if (index != std::string_view::npos) {
    out += kLetters[index];
    return;
  }
  const auto value = static_cast<unsigned char>(byte);
  out.append("u00").append({kDigits[value >> 4], kDigits[value & 0xf]});
}

template <class Number>
void check_finite(Number value) {
  if (!std::isfinite(value)) {
    throw BadRecord("json: infinity, or what is not a number, has no form in JSON");
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const char* const special = json_text::find_special(at, end);
    out.append(at, special);
    at = special;
    if (at == end) break;
    if (static_cast<unsigned char>(*at) < 0x80) {
      append_escaped(out, *at++);
      continue;
    }
    const std::size_t length = json_text::utf8_length(at, end);
    if (length == 0) throw BadRecord("json: a string is not UTF-8");
    out.append(at, length);
    at += length;
  }
  out += '"';
}

void append_json_double(std::string& out, double value) {
  check_finite(value);
  append_double(out, value);
}

void append_json_float(std::string& out, float value) {
  check_finite(value);
  append_float(out, value);
}

}  // namespace weir::inline v0::detail
