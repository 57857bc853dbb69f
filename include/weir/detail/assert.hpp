// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/export.hpp"

/// States an invariant of weir itself; checked in release builds too. If it does not hold, throws
/// InternalError with the expression, the place and the values that follow the condition:
///
///     WEIR_ASSERT(shard < shards, "shard", shard, "shards", shards);
///     // InternalError: weir is wrong: 'shard < shards' does not hold at runtime/shard.cpp:40
///     // (shard 7, shards 4)
///
/// Values are text, numbers, enums, ids and times, each after its name. They are
/// evaluated only if the condition is false. Never for data from outside: files, network, options,
/// user code.
#define WEIR_ASSERT(condition, ...)                                  \
  (__builtin_expect(static_cast<bool>(condition), 1)                 \
       ? static_cast<void>(0)                                        \
       : ::weir::detail::assertion_failed(::weir::detail::Assertion{ \
             #condition, __FILE__, __LINE__} __VA_OPT__(, ) __VA_ARGS__))

namespace weir::inline v0::detail {

struct Assertion {
  const char* expression;
  const char* file;
  int line;
};

/// The values of a failed assertion, as text.
class WEIR_API AssertionValues final {
 public:
  /// A value, if the text before it was a name; else a name.
  void add(std::string_view text);
  void add_signed(std::int64_t value);
  void add_unsigned(std::uint64_t value);
  void add_double(double value);

  template <class T>
  void add_value(const T& value) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
      add(value);
    } else if constexpr (std::same_as<T, bool>) {
      add_unsigned(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      add_value(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::signed_integral<T>) {
      add_signed(value);
    } else if constexpr (std::unsigned_integral<T>) {
      add_unsigned(value);
    } else if constexpr (std::floating_point<T>) {
      add_double(static_cast<double>(value));
    } else if constexpr (requires { value.ms(); }) {
      add_value(value.ms());
    } else if constexpr (requires { value.count(); }) {
      add_value(value.count());
    } else {
      add_value(value.value);  // An id.
    }
  }

  const std::string& text() const noexcept { return text_; }

 private:
  void append(const std::string& value);

  std::string text_;
  bool follows_name_ = false;
};

[[noreturn]] WEIR_API void throw_internal_error(const Assertion& assertion,
                                                const std::string& values);

template <class... Value>
[[noreturn, gnu::cold, gnu::noinline]] void assertion_failed(const Assertion& assertion,
                                                             const Value&... value) {
  AssertionValues values;
  (values.add_value(value), ...);
  throw_internal_error(assertion, values.text());
}

}  // namespace weir::inline v0::detail
