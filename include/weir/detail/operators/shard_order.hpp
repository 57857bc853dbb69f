// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The shard that a key's hash belongs to: a range of key groups, the hash's upper 16 bits.
constexpr std::uint32_t shard_of(std::uint64_t hash, std::uint32_t shards) noexcept {
  return static_cast<std::uint32_t>(((hash >> 48) * shards) >> 16);
}

/// Orders the records of one batch by shard, by counting. Within a shard they keep their order.
class WEIR_API ShardOrder final {
 public:
  /// A new batch of at most `count_max` records.
  void begin(std::size_t count_max);
  void add(std::uint32_t index, std::uint64_t hash) noexcept {
    indices_[count_] = index;
    hashes_[count_] = hash;
    ++count_;
  }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(count_); }
  /// In the order added.
  std::span<const std::uint32_t> indices() const noexcept { return {indices_.data(), count_}; }

  /// Writes indices and hashes, grouped by shard.
  void sort(std::uint32_t shards, std::vector<std::uint32_t>& order,
            std::vector<std::uint64_t>& hashes);
  /// Where a shard's records begin, after sort(). Requires: shard <= shards.
  std::uint32_t begin_of(std::uint32_t shard) const noexcept { return begins_[shard]; }

 private:
  std::vector<std::uint32_t> indices_;
  std::vector<std::uint64_t> hashes_;
  std::size_t count_ = 0;
  std::vector<std::uint32_t> begins_;
  std::vector<std::uint32_t> next_;  // Where the next record of a shard goes.
};

}  // namespace weir::inline v0::detail
