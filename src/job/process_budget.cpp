// SPDX-License-Identifier: Apache-2.0
#include "job/process_budget.hpp"

#include <mutex>

namespace weir::inline v0::detail {

std::shared_ptr<MemoryBudget> process_budget(std::uint64_t bytes) {
  static std::mutex mutex;
  static std::weak_ptr<MemoryBudget> current;  // Goes with the last job.
  const std::lock_guard lock{mutex};
  std::shared_ptr<MemoryBudget> budget = current.lock();
  if (!budget) {
    budget = std::make_shared<MemoryBudget>(bytes != 0 ? bytes : default_memory_budget());
    current = budget;
  }
  return budget;
}

}  // namespace weir::inline v0::detail
