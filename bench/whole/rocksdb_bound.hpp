// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bench/whole/measure.hpp"
#include "bench/whole/records.hpp"

namespace bench {

/// Keys of 16 and values of 64 bytes, ten times as many as the memory budget would hold: first
/// every key once, which is not measured, then draws of them.
struct ColdStateOptions {
  bool is_zipf = true;  ///< Exponent 0.99; else uniform.
  std::uint64_t draws = 150'000;

  static constexpr std::uint64_t kBudgetBytes = std::uint64_t{16} << 20;
  static constexpr std::uint64_t kKeys = 10 * kBudgetBytes / 80;
};

/// A value of 64 bytes that counts.
struct Wide {
  std::array<std::int64_t, 8> numbers{};
};

/// Which key record number i has. The same for the same i.
class ColdKeys final {
 public:
  explicit ColdKeys(bool is_zipf) : is_zipf_{is_zipf} {}

  std::uint64_t id(std::uint64_t i) const {
    if (i < ColdStateOptions::kKeys) return scattered(i, ColdStateOptions::kKeys);
    weir::Random random{i};
    const std::uint64_t id = is_zipf_ ? zipf_.draw(random) : random.below(ColdStateOptions::kKeys);
    return scattered(id, ColdStateOptions::kKeys);
  }

 private:
  const bool is_zipf_;
  const Zipf zipf_{ColdStateOptions::kKeys, 0.99};
};

/// A loop of Get and Put per record, in a RocksDB with the same memory.
Run rocksdb_get_put(const ColdStateOptions& options, const std::string& directory);

}  // namespace bench
