// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "weir/bytes.hpp"

namespace weir::inline v0::detail {

/// The subkey of a list's element: its number in 8 bytes that sort as numbers do.
inline std::string_view write_element_number(char (&to)[8], std::uint64_t number) noexcept {
  const std::uint64_t big = __builtin_bswap64(number);
  std::memcpy(to, &big, sizeof big);
  return {to, sizeof big};
}

/// Throws: CorruptState.
inline std::uint64_t element_number(std::string_view subkey) {
  return ByteReader{subkey}.big_u64();
}

}  // namespace weir::inline v0::detail
