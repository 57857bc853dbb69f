// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/shard_order.hpp"

namespace weir::inline v0::detail {

void ShardOrder::begin(std::size_t count_max) {
  if (indices_.size() < count_max) {
    indices_.resize(count_max);
    hashes_.resize(count_max);
  }
  count_ = 0;
}

void ShardOrder::sort(std::uint32_t shards, std::vector<std::uint32_t>& order,
                      std::vector<std::uint64_t>& hashes) {
  begins_.assign(shards + std::size_t{1}, 0);
  for (std::size_t i = 0; i < count_; ++i) ++begins_[shard_of(hashes_[i], shards) + std::size_t{1}];
  for (std::uint32_t shard = 0; shard < shards; ++shard) begins_[shard + 1] += begins_[shard];

  next_.assign(begins_.begin(), begins_.end());
  order.resize(count_);
  hashes.resize(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    const std::uint32_t place = next_[shard_of(hashes_[i], shards)]++;
    order[place] = indices_[i];
    hashes[place] = hashes_[i];
  }
}

}  // namespace weir::inline v0::detail
