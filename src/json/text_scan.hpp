// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::inline v0::json_text {

/// The first byte in [at, end) that needs a closer look in a JSON string: a quote, a backslash, a
/// control character or a byte of a character that is not ASCII. `end` if there is none.
const char* find_special(const char* at, const char* end) noexcept;

/// How many bytes the UTF-8 character at `at` has; 0 if it is malformed: cut off, overlong, a
/// surrogate or above U+10FFFF.
std::size_t utf8_length(const char* at, const char* end) noexcept;

/// Appends a code point as UTF-8. Requires: it is one, and no surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace weir::inline v0::json_text
