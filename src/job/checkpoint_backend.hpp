// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "graph/plan.hpp"
#include "runtime/checkpoint_driver.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/export.hpp"
#include "weir/job_options.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {

/// What makes a run repeatable: a driver or simulation sets both.
struct Determinism {
  /// 64 bits for names that are never used twice; null: the machine's randomness.
  std::function<std::uint64_t()> random;
  bool is_ordered = false;
};

/// What checkpoints and state of a job live in, over all of its attempts.
class WEIR_API CheckpointBackend final {
 public:
  CheckpointBackend(const Graph& graph, const Plan& plan, const JobOptions& options, const Log& log,
                    Determinism determinism = {});

  /// The checkpoints of the next attempt; `background` outlives them. Throws LockedError when
  /// another process uses the state directory.
  std::unique_ptr<CheckpointDriver> start_attempt(SerialExecutor& background);
  MemoryBudget& budget() noexcept { return *budget_; }
  bool has_storage() const noexcept { return storage_ != nullptr; }

 private:
  std::shared_ptr<ShardStore> store_of(const std::string& stage, ShardId shard);

  const Graph& graph_;
  const Plan& plan_;
  const JobOptions& options_;
  const Log& log_;
  std::shared_ptr<CheckpointStorage> storage_;
  std::shared_ptr<StateBackend> backend_;
  const std::shared_ptr<MemoryBudget> budget_;  // Shared by all jobs of the process.
  std::unique_ptr<StoreFactory> factory_;
  std::map<std::pair<std::string, ShardId>, std::shared_ptr<ShardStore>> stores_;
  const Determinism determinism_;
};

}  // namespace weir::inline v0::detail
