// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/state/state_model.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/unit/state/map_store.hpp"
#include "weir/state.hpp"

// Random runs over tables of all kinds equal plain containers, whatever is checkpointed, evicted,
// rolled back and restored in between. WEIR_SEED=n replays one run, WEIR_SEEDS=n does more.

namespace weir::state_test {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody writes.
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void run_all(const ModelOptions& options) {
  const std::uint64_t first = number_from("WEIR_SEED", 1);
  const std::uint64_t count = number_from("WEIR_SEEDS", number_from("WEIR_SEED", 0) != 0 ? 1 : 12);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ModelOptions run = options;
    run.seed = seed;
    StateModel model{run};
    model.run();
    if (::testing::Test::HasFailure()) return;
  }
}

std::shared_ptr<detail::ShardStore> memory_store() {
  return in_memory_state()->open({})->make("stage", ShardId{0});
}

TEST(StateModel, TablesInMemoryEqualPlainContainers) { run_all({.make_store = memory_store}); }

TEST(StateModel, TablesOverAColdStoreEqualPlainContainers) {
  run_all({.make_store = [] { return std::make_shared<MapStore>(); }});
}

TEST(StateModel, TablesThatMustEvictAllTheTimeEqualPlainContainers) {
  run_all({.budget_bytes = 20'000, .key_count = 1'000, .make_store = [] {
             return std::make_shared<MapStore>();
           }});
}

}  // namespace
}  // namespace weir::state_test
