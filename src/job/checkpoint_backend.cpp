// SPDX-License-Identifier: Apache-2.0
#include "job/checkpoint_backend.hpp"

#include <random>
#include <utility>

#include "checkpoint/local_storage.hpp"
#include "job/process_budget.hpp"
#include "weir/clock.hpp"

namespace weir::inline v0::detail {
namespace {

Determinism with_defaults(Determinism determinism) {
  if (!determinism.random) {
    determinism.random = [machine = std::make_shared<std::random_device>()] {
      return (std::uint64_t{(*machine)()} << 32) | std::uint64_t{(*machine)()};
    };
  }
  return determinism;
}

}  // namespace

CheckpointBackend::CheckpointBackend(const Graph& graph, const Plan& plan,
                                     const JobOptions& options, const Log& log,
                                     Determinism determinism)
    : graph_{graph},
      plan_{plan},
      options_{options},
      log_{log},
      budget_{process_budget(options.memory_budget_bytes)},
      determinism_{with_defaults(std::move(determinism))} {
  storage_ = options.checkpoints.storage;
  if (!options.checkpoints.directory.empty()) {
    storage_ = std::make_shared<LocalStorage>(options.checkpoints.directory, options.files);
  }
  backend_ = options.state ? options.state : in_memory_state();
}

std::shared_ptr<ShardStore> CheckpointBackend::store_of(const std::string& stage, ShardId shard) {
  std::shared_ptr<ShardStore>& store = stores_[{stage, shard}];
  if (!store) store = factory_->make(stage, shard);
  return store;
}

std::unique_ptr<CheckpointDriver> CheckpointBackend::start_attempt(SerialExecutor& background) {
  if (!factory_) {
    factory_ =
        backend_->open({graph_.job_name, options_.instance, options_.files.get(), budget_.get()});
  }
  CheckpointDriverOptions options;
  options.graph = &graph_;
  options.plan = &plan_;
  options.options = &options_;
  options.clock = options_.clock.get();
  options.log = &log_;
  options.storage = storage_;
  options.store_of = [this](const std::string& stage, ShardId shard) {
    return store_of(stage, shard);
  };
  options.budget = budget_.get();
  options.background = &background;
  options.is_ordered = determinism_.is_ordered;
  options.random = determinism_.random;
  return std::make_unique<CheckpointDriver>(std::move(options));
}

}  // namespace weir::inline v0::detail
