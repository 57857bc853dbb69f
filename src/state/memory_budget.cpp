// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/memory_budget.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace weir::inline v0::detail {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// The limit in one of the kernel's files; kNoLimit if there is none.
std::uint64_t limit_in(const std::string& path) {
  std::ifstream file{path};
  std::uint64_t limit = 0;
  return file >> limit ? limit : kNoLimit;  // "max" is not a number.
}

std::uint64_t machine_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long size = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || size <= 0) return kNoLimit;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

/// Limits of the process's own cgroup and of those above it (version 2).
std::uint64_t cgroup_limit() {
  std::ifstream file{"/proc/self/cgroup"};
  std::uint64_t limit = limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes");  // Version 1.
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("0::", 0) != 0) continue;
    std::string path = line.substr(3);
    for (;;) {
      limit = std::min(limit, limit_in("/sys/fs/cgroup" + path + "/memory.max"));
      const std::size_t slash = path.rfind('/');
      if (slash == std::string::npos) break;
      path.resize(slash);
    }
  }
  return limit;
}

/// Atomics are sums of differences: additions and subtractions cancel out, whatever their order.
void move(std::atomic<std::uint64_t>& sum, std::uint64_t before, std::uint64_t now) noexcept {
  sum.fetch_add(now - before, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t default_memory_budget() {
  const std::uint64_t limit = std::min(machine_memory(), cgroup_limit());
  constexpr std::uint64_t kUnknown = std::uint64_t{4} << 30;
  return (limit == kNoLimit ? kUnknown : limit) / 4;
}

std::uint64_t MemoryBudget::table_bytes_max() const noexcept {
  const std::uint64_t share = bytes_ - bytes_ / 8 - store_bytes();
  const std::uint64_t buffers = buffers_.load(std::memory_order_relaxed);
  return share > buffers ? share - buffers : 0;
}

void MemoryBudget::report(const StateMemory& before, const StateMemory& now) noexcept {
  move(tables_, before.tables, now.tables);
  move(dirty_, before.dirty, now.dirty);
  move(frozen_, before.frozen, now.frozen);
  move(buffers_, before.buffers, now.buffers);
}

StateMemory MemoryBudget::used() const noexcept {
  StateMemory used;
  used.tables = tables_.load(std::memory_order_relaxed);
  used.dirty = dirty_.load(std::memory_order_relaxed);
  used.frozen = frozen_.load(std::memory_order_relaxed);
  used.buffers = buffers_.load(std::memory_order_relaxed);
  return used;
}

bool MemoryBudget::wants_apply() const noexcept { return used().buffers >= bytes_ / 10; }
bool MemoryBudget::wants_checkpoint() const noexcept { return used().dirty >= bytes_ / 4; }
bool MemoryBudget::must_wait_for_commit() const noexcept {
  const StateMemory now = used();
  return now.dirty + now.frozen + now.buffers >= bytes_ / 2;
}
bool MemoryBudget::is_over() const noexcept { return used().total() > bytes_; }

}  // namespace weir::inline v0::detail
