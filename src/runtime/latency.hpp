// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "weir/detail/dataflow/node_metrics.hpp"

namespace weir::inline v0::detail {

/// A histogram with fixed bounds; one thread observes, any reads.
class LatencyHistogram final {
 public:
  static constexpr std::array<std::uint32_t, 12> kBoundsMs{1,   2,   5,   10,   20,   50,
                                                           100, 200, 500, 1000, 2000, 5000};

  void observe(double ms) noexcept {
    std::size_t bucket = 0;
    while (bucket < kBoundsMs.size() && ms > static_cast<double>(kBoundsMs[bucket])) ++bucket;
    counts_[bucket].add();
    sum_us_.add(static_cast<std::uint64_t>(ms * 1000.0));
  }
  /// Observations in bucket i: above bound i-1 up to bound i; the last one has no bound.
  std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket].get(); }
  std::uint64_t sum_us() const noexcept { return sum_us_.get(); }

 private:
  std::array<Counter, kBoundsMs.size() + 1> counts_;
  Counter sum_us_;
};

}  // namespace weir::inline v0::detail
