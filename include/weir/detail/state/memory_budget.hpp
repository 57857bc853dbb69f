// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Bytes of one shard's state in memory.
struct StateMemory {
  std::uint64_t tables = 0;   ///< All tables, with what follows.
  std::uint64_t dirty = 0;    ///< Of that: entries changed since the last barrier.
  std::uint64_t frozen = 0;   ///< Of that: entries whose last delta is not in the store yet.
  std::uint64_t buffers = 0;  ///< Deltas that wait to be applied.
  std::uint64_t total() const noexcept { return tables + buffers; }
  StateMemory& operator+=(const StateMemory& other) noexcept {
    tables += other.tables;
    dirty += other.dirty;
    frozen += other.frozen;
    buffers += other.buffers;
    return *this;
  }
};

/// A quarter of what the process may use: of its cgroup's limit, else of the machine's memory.
WEIR_API std::uint64_t default_memory_budget();

/// One budget for the state of all jobs of a process. Thread-safe; all numbers are of the last time
/// that shards reported.
///
/// Parts: tables, delta buffers, and what stores keep (block caches, memtables), which get a fixed
/// share. Everything that reports outlives no budget.
class WEIR_API MemoryBudget final {
 public:
  explicit MemoryBudget(std::uint64_t bytes) noexcept : bytes_{bytes} {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  std::uint64_t bytes() const noexcept { return bytes_; }
  /// What stores may take for block caches and memtables: an eighth.
  std::uint64_t store_bytes() const noexcept { return bytes_ / 8; }
  /// Where eviction begins: seven eighths less what stores take, less waiting deltas.
  std::uint64_t table_bytes_max() const noexcept;

  /// A shard's or store's numbers have changed.
  void report(const StateMemory& before, const StateMemory& now) noexcept;

  /// The sum over all that report.
  StateMemory used() const noexcept;
  /// True while tables may grow by so many bytes.
  bool has_room(std::uint64_t bytes) const noexcept {
    return tables_.load(std::memory_order_relaxed) + bytes <= table_bytes_max();
  }

  /// Waiting deltas take 10 %: they should be applied.
  bool wants_apply() const noexcept;
  /// Dirty entries take 25 %: a checkpoint should be taken before its time.
  bool wants_checkpoint() const noexcept;
  /// Dirty and frozen entries and waiting deltas take 50 %: sources stop until a commit.
  bool must_wait_for_commit() const noexcept;
  /// Tables that cannot shrink are larger than the budget.
  bool is_over() const noexcept;

 private:
  const std::uint64_t bytes_;
  std::atomic<std::uint64_t> tables_{0};
  std::atomic<std::uint64_t> dirty_{0};
  std::atomic<std::uint64_t> frozen_{0};
  std::atomic<std::uint64_t> buffers_{0};
};

}  // namespace weir::inline v0::detail
