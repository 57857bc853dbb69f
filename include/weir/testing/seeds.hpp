// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "weir/error.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::testing {

/// The seeds that a test runs with: 1 to `count`. The environment may say otherwise: WEIR_SEEDS=n
/// means 1 to n, WEIR_SEED=n that one alone. Throws ConfigError when it says nonsense.
WEIR_API std::vector<std::uint64_t> seeds(std::uint64_t count);

/// How to run one seed again: "seed 7, again with WEIR_SEED=7".
WEIR_API std::string replay(std::uint64_t seed);

/// Runs `test(seed)` for each of seeds(count). What it throws is thrown on, nested, with the seed
/// in its message; a test framework's own expectations need a word of the seed, too:
///
///     for_each_seed(20, [](std::uint64_t seed) {
///       SCOPED_TRACE(replay(seed));
///       EXPECT_EQ(...);
///     });
template <class Test>
void for_each_seed(std::uint64_t count, Test&& test) {
  for (const std::uint64_t seed : seeds(count)) {
    try {
      test(seed);
    } catch (const std::exception& error) {
      std::throw_with_nested(Error{replay(seed) + ": " + error.what()});
    }
  }
}

}  // namespace weir::inline v0::testing
