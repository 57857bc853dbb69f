// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <random>

#include "base/log.hpp"
#include "graph/plan.hpp"
#include "runtime/checkpoint_driver.hpp"
#include "weir/job_options.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {

/// What checkpoints and state of a job live in, over all of its attempts.
class CheckpointBackend final {
 public:
  CheckpointBackend(const Graph& graph, const Plan& plan, const JobOptions& options,
                    const Log& log);

  /// The checkpoints of the next attempt.
  std::unique_ptr<CheckpointDriver> start_attempt();
  bool has_storage() const noexcept { return storage_ != nullptr; }

 private:
  const Graph& graph_;
  const Plan& plan_;
  const JobOptions& options_;
  const Log& log_;
  std::shared_ptr<CheckpointStorage> storage_;
  std::shared_ptr<StateBackend> backend_;
  std::random_device random_;
};

}  // namespace weir::inline v0::detail
