// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <optional>
#include <string>

#include "json/text_scan.hpp"
#include "weir/detail/json/reader.hpp"
#include "weir/detail/scalar_text.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

namespace {

using json_text::append_utf8;
using json_text::find_special;
using json_text::utf8_length;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

void JsonReader::fail(const char* what) const {
  std::string text = "json: at byte " + std::to_string(at_ - begin_) + ": " + what;
  if (!field_.empty()) text.append(" (field '").append(field_).append("')");
  throw BadRecord(text);
}

void JsonReader::fail_missing(std::string_view field) const {
  throw BadRecord("json: at byte " + std::to_string(at_ - begin_) + ": the field '" +
                  std::string{field} + "' is missing");
}

void JsonReader::finish() {
  skip_space();
  if (at_ != end_) fail("there is more text behind the value");
}

std::string_view JsonReader::key() {
  const std::string_view text = read_short_string();
  take_colon();
  return text;
}

// --- words and numbers -------------------------------------------------------------------------

bool JsonReader::take_word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
  if (std::string_view{at_, word.size()} != word) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::take_null() {
  skip_space();
  return take_word("null");
}

bool JsonReader::read_bool() {
  skip_space();
  if (take_word("true")) return true;
  if (!take_word("false")) fail("true or false is expected");
  return false;
}

bool JsonReader::take_digits(std::uint64_t& value) {
  const char* const start = at_;
  value = 0;
  bool fits = true;
  for (; at_ != end_ && is_digit(*at_); ++at_) {
    const auto digit = static_cast<std::uint64_t>(*at_ - '0');
    if (at_ - start < 19) {
      value = value * 10 + digit;  // 19 digits fit for certain.
    } else {
      fits = fits && !__builtin_mul_overflow(value, std::uint64_t{10}, &value) &&
             !__builtin_add_overflow(value, digit, &value);
    }
  }
  if (at_ == start) fail("a whole number is expected");
  if (*start == '0' && at_ - start > 1) fail("a number does not begin with 0");
  if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) {
    fail("a whole number is expected, without fraction or exponent");
  }
  return fits;
}

std::uint64_t JsonReader::read_unsigned() {
  skip_space();
  if (at_ != end_ && *at_ == '-') fail("a whole number that is not negative is expected");
  std::uint64_t value = 0;
  if (!take_digits(value)) fail("the number is out of its field's range");
  return value;
}

std::int64_t JsonReader::read_signed() {
  skip_space();
  const bool is_negative = at_ != end_ && *at_ == '-';
  if (is_negative) ++at_;
  std::uint64_t magnitude = 0;
  const bool fits = take_digits(magnitude);
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!fits || magnitude > kMax + (is_negative ? 1 : 0)) {
    fail("the number is out of its field's range");
  }
  return static_cast<std::int64_t>(is_negative ? 0 - magnitude : magnitude);
}

std::string_view JsonReader::take_number() {
  skip_space();
  const char* const start = at_;
  if (at_ != end_ && *at_ == '-') ++at_;
  const char* const integer = at_;
  at_ = skip_digits(at_, end_);
  if (at_ == integer) fail("a number is expected");
  if (*integer == '0' && at_ - integer > 1) fail("a number does not begin with 0");
  if (at_ != end_ && *at_ == '.') {
    const char* const fraction = ++at_;
    at_ = skip_digits(at_, end_);
    if (at_ == fraction) fail("a digit is expected behind the point");
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    const char* const exponent = at_;
    at_ = skip_digits(at_, end_);
    if (at_ == exponent) fail("a digit is expected in the exponent");
  }
  return {start, static_cast<std::size_t>(at_ - start)};
}

double JsonReader::read_double() {
  const std::optional<double> value = parse_double(take_number());
  if (!value) fail("the number is out of its field's range");
  return *value;
}

float JsonReader::read_float() {
  const std::optional<float> value = parse_float(take_number());
  if (!value) fail("the number is out of its field's range");
  return *value;
}

// --- strings -----------------------------------------------------------------------------------

void JsonReader::read_string(std::string& out) {
  take('"', "a string is expected");
  const char* const start = at_;
  at_ = find_special(at_, end_);
  out.assign(start, at_);
  take_string_to(&out);
}

std::string_view JsonReader::read_short_string() {
  take('"', "a string is expected");
  const char* const start = at_;
  at_ = find_special(at_, end_);
  if (at_ != end_ && *at_ == '"') {
    return {start, static_cast<std::size_t>(at_++ - start)};
  }
  scratch_.assign(start, at_);
  take_string_to(&scratch_);
  return scratch_;
}

/// Takes the rest of a string up to its closing quote, and appends it unless `out` is null.
void JsonReader::take_string_to(std::string* out) {
  while (at_ != end_ && *at_ != '"') {
    take_special_to(out);
    const char* const start = at_;
    at_ = find_special(at_, end_);
    if (out != nullptr) out->append(start, at_);
  }
  take('"', "a string is not closed");
}

void JsonReader::take_special_to(std::string* out) {
  if (*at_ == '\\') {
    take_escape_to(out);
    return;
  }
  if (static_cast<unsigned char>(*at_) < 0x20) fail("a control character must be escaped");
  const char* const start = at_;
  while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) {
    const std::size_t length = utf8_length(at_, end_);
    if (length == 0) fail("the text is not UTF-8");
    at_ += length;
  }
  if (out != nullptr) out->append(start, at_);
}

void JsonReader::take_escape_to(std::string* out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  ++at_;
  if (at_ == end_) fail("a string is not closed");
  if (*at_ == 'u') {
    take_character_to(out);
    return;
  }
  const std::size_t index = kLetters.find(*at_);
  if (index == std::string_view::npos) fail("a backslash is followed by none of its letters");
  ++at_;
  if (out != nullptr) *out += kMeanings[index];
}

/// Takes `uXXXX`, and the `\uXXXX` behind it if it is half a character.
void JsonReader::take_character_to(std::string* out) {
  std::uint32_t code_point = take_code_unit();
  if (is_low_surrogate(code_point)) fail("a low surrogate stands alone");
  if (is_high_surrogate(code_point)) {
    if (!take_word("\\") || at_ == end_ || *at_ != 'u') fail("a high surrogate stands alone");
    const std::uint32_t low = take_code_unit();
    if (!is_low_surrogate(low)) fail("a high surrogate stands alone");
    code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
  }
  if (out != nullptr) append_utf8(*out, code_point);
}

std::uint32_t JsonReader::take_code_unit() {
  ++at_;  // The u.
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    const std::size_t index = at_ == end_ ? std::string_view::npos : kDigits.find(*at_);
    if (index == std::string_view::npos) fail("four hexadecimal digits are expected");
    unit = unit * 16 + static_cast<std::uint32_t>(index < 16 ? index : index - 6);
    ++at_;
  }
  return unit;
}

// --- anything ----------------------------------------------------------------------------------

std::string_view JsonReader::skip_value() {
  skip_space();
  const char* const start = at_;
  switch (at_ == end_ ? '\0' : *at_) {
    case '{':
      for (bool more = begin_object(); more; more = next_member()) {
        key();
        skip_value();
      }
      break;
    case '[':
      for (bool more = begin_array(); more; more = next_element()) skip_value();
      break;
    case '"':
      ++at_;
      at_ = find_special(at_, end_);
      take_string_to(nullptr);
      break;
    case 't':
    case 'f':
      read_bool();
      break;
    case 'n':
      if (!take_null()) fail("a value is expected");
      break;
    default:
      take_number();
  }
  return {start, static_cast<std::size_t>(at_ - start)};
}

}  // namespace weir::inline v0::detail
