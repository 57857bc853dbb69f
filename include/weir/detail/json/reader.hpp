// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Walks over the text of one JSON value, front to back, and checks it on the way. Nothing is
/// built but what the caller asks for; what he does not ask for, he skips.
///
///     for (bool more = in.begin_object(); more; more = in.next_member()) {
///       if (in.take_key("user")) {
///         in.read_string(user);
///       } else {
///         in.key();
///         in.skip_value();
///       }
///     }
///     in.finish();
///
/// Every call throws BadRecord where the text is no JSON, or not what is asked for: "json: at byte
/// 17: a number is expected (field 'price')". The message never quotes the text.
class WEIR_API JsonReader final {
 public:
  explicit JsonReader(std::string_view text) noexcept
      : begin_{text.data()}, at_{text.data()}, end_{text.data() + text.size()} {}

  /// Enters an object; false if it is empty, and then it has been left again.
  bool begin_object() { return begin('{', '}', "an object is expected"); }
  /// Goes on behind a member; false, and the object is left, if it was the last.
  bool next_member() { return next('}', "a comma or } is expected"); }
  /// Enters an array; false if it is empty, and then it has been left again.
  bool begin_array() { return begin('[', ']', "an array is expected"); }
  /// Goes on behind an element; false, and the array is left, if it was the last.
  bool next_element() { return next(']', "a comma or ] is expected"); }

  /// Takes the next member's key if it is this one, written without escapes.
  bool take_key(std::string_view name) {
    skip_space();
    if (static_cast<std::size_t>(end_ - at_) < name.size() + 2) return false;
    if (*at_ != '"' || at_[name.size() + 1] != '"') return false;
    if (std::memcmp(at_ + 1, name.data(), name.size()) != 0) return false;
    at_ += name.size() + 2;
    take_colon();
    return true;
  }

  /// Takes the next member's key, whatever it is. Valid until the next call.
  std::string_view key();

  /// Takes a null, if there is one.
  bool take_null();
  bool read_bool();
  std::int64_t read_signed();
  std::uint64_t read_unsigned();
  double read_double();
  float read_float();
  /// Replaces `out` by the text, its escapes resolved.
  void read_string(std::string& out);
  /// A string that is used at once, such as an enum's name. Valid until the next call.
  std::string_view read_short_string();

  /// An integer that fits T.
  template <std::integral T>
  T read_integer() {
    const auto wide = [this] {
      if constexpr (std::is_signed_v<T>) return read_signed();
      if constexpr (std::is_unsigned_v<T>) return read_unsigned();
    }();
    const auto value = static_cast<T>(wide);
    if (value != wide) fail("the number is out of its field's range");
    return value;
  }

  /// Passes over one value of any kind, and checks it. Returns its text.
  std::string_view skip_value();

  /// Nothing but white space may follow.
  void finish();

  /// The field that is being read, for messages. The text must outlive the reader.
  void set_field(std::string_view name) noexcept { field_ = name; }

  [[noreturn]] void fail(const char* what) const;
  [[noreturn]] void fail_missing(std::string_view field) const;

 private:
  /// Deeper than this, text is refused: each level takes a place on the stack.
  static constexpr int kMaxDepth = 128;

  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool begin(char opener, char closer, const char* what) {
    take(opener, what);
    if (++depth_ > kMaxDepth) fail("the value is nested too deeply");
    skip_space();
    if (at_ == end_ || *at_ != closer) return true;
    ++at_;
    --depth_;
    return false;
  }

  bool next(char closer, const char* what) {
    skip_space();
    if (at_ != end_ && *at_ == ',') {
      ++at_;
      return true;
    }
    take(closer, what);
    --depth_;
    return false;
  }

  void take(char expected, const char* what) {
    skip_space();
    if (at_ == end_ || *at_ != expected) fail(what);
    ++at_;
  }

  void take_colon() { take(':', "a colon is expected"); }

  bool take_word(std::string_view word);
  /// Takes the digits of an integer; false if they exceed 64 bits.
  bool take_digits(std::uint64_t& value);
  std::string_view take_number();
  void take_string_to(std::string* out);
  void take_special_to(std::string* out);
  void take_escape_to(std::string* out);
  void take_character_to(std::string* out);
  std::uint32_t take_code_unit();

  const char* const begin_;
  const char* at_;
  const char* const end_;
  int depth_ = 0;
  std::string_view field_;
  std::string scratch_;  // Of keys and short strings with escapes.
};

}  // namespace weir::inline v0::detail
