// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

/// A count as the programs of this comparison write it: eight bytes, the highest first, as Kafka
/// Streams does.
inline std::array<char, 8> to_bytes(std::int64_t count) {
  std::array<char, 8> bytes{};
  auto rest = static_cast<std::uint64_t>(count);
  for (std::size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = static_cast<char>(rest & 0xff);
    rest >>= 8U;
  }
  return bytes;
}

inline std::int64_t from_bytes(std::string_view bytes) {
  std::uint64_t count = 0;
  for (const char byte : bytes) count = count << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(count);
}

}  // namespace bench
