// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace weir::inline v0::detail {

/// How many key groups there are. Fixed for ever, as is the way a key gets its group.
inline constexpr std::uint32_t kKeyGroups = 65'536;

/// The group of a key: the upper 16 bits of the `stable_hash` of its bytes. State is split and
/// moved by key group.
constexpr std::uint16_t key_group_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint16_t>(hash >> 48);
}

/// The key groups [first, end) of a shard.
struct KeyGroupRange {
  std::uint32_t first = 0;
  std::uint32_t end = kKeyGroups;

  constexpr bool contains(std::uint16_t group) const noexcept {
    return first <= group && group < end;
  }
  friend auto operator<=>(const KeyGroupRange&, const KeyGroupRange&) = default;
};

/// The groups g of shard number `shard`: those with g * shards / kKeyGroups == shard.
constexpr KeyGroupRange key_groups_of(std::uint32_t shard, std::uint32_t shards) noexcept {
  const auto first = [shards](std::uint64_t number) {
    return static_cast<std::uint32_t>((number * kKeyGroups + shards - 1) / shards);
  };
  return {first(shard), first(std::uint64_t{shard} + 1)};
}

}  // namespace weir::inline v0::detail
