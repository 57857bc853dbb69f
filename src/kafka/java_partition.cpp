// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "weir/kafka/options.hpp"

namespace weir::inline v0::kafka {
namespace {

/// MurmurHash2 with 32 bits (Austin Appleby), with the seed of Kafka's clients.
std::uint32_t murmur2(std::string_view bytes) noexcept {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kFactor = 0x5bd1e995;
  constexpr int kShift = 24;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  while (bytes.size() >= 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    bytes.remove_prefix(sizeof word);
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash = (hash * kFactor) ^ word;
  }
  std::uint32_t rest = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    rest = (rest << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  if (!bytes.empty()) hash = (hash ^ rest) * kFactor;
  hash ^= hash >> 13;
  hash *= kFactor;
  hash ^= hash >> 15;
  return hash;
}

}  // namespace

std::int32_t java_partition(std::string_view key, std::int32_t partitions) noexcept {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace weir::inline v0::kafka
