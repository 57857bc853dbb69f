// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace weir::inline v0::detail {

/// A counter that one thread writes and any may read: no read-modify-write on the hot path.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one node counts in one task. Records in = used + late + skipped + dead-lettered + filtered.
struct NodeMetrics {
  Counter records_in;
  Counter records_out;
  Counter filtered;
  Counter late_dropped;        ///< Late for every window, and nobody consumes late().
  Counter late_diverted;       ///< Went to late().
  Counter late_window_misses;  ///< Accepted by some windows, late for others; one per miss.
  Counter failed;              ///< User code threw.
  Counter skipped;             ///< Dropped by OnError::skip.
  Counter dead_lettered;
  Counter undecodable;  ///< Of a source: records that could not be decoded.
  Counter bytes_in;     ///< Of a source.
};

}  // namespace weir::inline v0::detail
