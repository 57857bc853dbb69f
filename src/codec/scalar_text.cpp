// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/scalar_text.hpp"

#include <array>

#include "weir/error.hpp"

namespace weir::inline v0::detail {

namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || text.empty()) return std::nullopt;
  if (error == std::errc{}) return value;
  // Out of range: too close to zero is zero, too far from it is not representable.
  const bool is_tiny =
      text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
  if (!is_tiny) return std::nullopt;
  return text.front() == '-' ? -Number{0} : Number{0};
}

}  // namespace

std::optional<double> parse_double(std::string_view text) { return parse_number<double>(text); }
std::optional<float> parse_float(std::string_view text) { return parse_number<float>(text); }

void throw_unnamed_enum() { throw BadRecord("an enum has a value without a name"); }

void append_signed(std::string& out, std::int64_t value) { append_number(out, value); }
void append_unsigned(std::string& out, std::uint64_t value) { append_number(out, value); }
void append_float(std::string& out, float value) { append_number(out, value); }
void append_double(std::string& out, double value) { append_number(out, value); }

}  // namespace weir::inline v0::detail
