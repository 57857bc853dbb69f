// SPDX-License-Identifier: Apache-2.0
#include "job/checkpoint_backend.hpp"

#include <utility>

#include "checkpoint/local_storage.hpp"
#include "weir/clock.hpp"

namespace weir::inline v0::detail {

CheckpointBackend::CheckpointBackend(const Graph& graph, const Plan& plan,
                                     const JobOptions& options, const Log& log)
    : graph_{graph}, plan_{plan}, options_{options}, log_{log} {
  storage_ = options.checkpoints.storage;
  if (!options.checkpoints.directory.empty()) {
    storage_ = local_storage(options.checkpoints.directory, options.files);
  }
  backend_ = options.state ? options.state : in_memory_state();
}

std::unique_ptr<CheckpointDriver> CheckpointBackend::start_attempt() {
  CheckpointDriverOptions options;
  options.graph = &graph_;
  options.plan = &plan_;
  options.options = &options_;
  options.clock = options_.clock.get();
  options.log = &log_;
  options.storage = storage_;
  options.backend = backend_.get();
  options.random = [this] {
    return (std::uint64_t{random_()} << 32) | std::uint64_t{random_()};
  };
  return std::make_unique<CheckpointDriver>(std::move(options));
}

}  // namespace weir::inline v0::detail
