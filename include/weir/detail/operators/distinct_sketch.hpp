// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// How many different values there were, by their hashes: all of them as long as they are few, then
/// the registers of a HyperLogLog. Its answer does not depend on the order of values or merges.
struct DistinctSketch {
  std::vector<std::uint64_t> hashes;    ///< Sorted; empty once there are registers.
  std::vector<std::uint8_t> registers;  ///< By the first bits of a hash: the longest run of zeros
                                        ///< behind them, plus one. Empty as long as values are few.
};

/// So many different values are counted exactly: they take half of what registers do.
inline constexpr std::size_t kExactlyDistinct = 256;

WEIR_API void add_hash(DistinctSketch& sketch, std::uint64_t hash);
WEIR_API void merge_sketch(DistinctSketch& sketch, const DistinctSketch& other);
/// The number of different hashes; beyond kExactlyDistinct with a standard error of 1.6 %.
WEIR_API std::int64_t distinct_hashes(const DistinctSketch& sketch);

}  // namespace weir::inline v0::detail
