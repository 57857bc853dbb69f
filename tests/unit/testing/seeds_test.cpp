// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "weir/testing/swarm.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Sets variables of the environment and puts them back.
class Environment final {
 public:
  Environment(const char* seed, const char* count) {
    set("WEIR_SEED", seed);
    set("WEIR_SEEDS", count);
  }
  ~Environment() {
    set("WEIR_SEED", nullptr);
    set("WEIR_SEEDS", nullptr);
  }

 private:
  static void set(const char* name, const char* value) {
    if (value == nullptr) {
      unsetenv(name);
    } else {
      setenv(name, value, 1);
    }
  }
};

TEST(Seeds, CountFromOne) {
  const Environment environment{nullptr, nullptr};
  EXPECT_THAT(seeds(3), ElementsAre(1, 2, 3));
}

TEST(Seeds, EnvironmentWidensThem) {
  const Environment environment{nullptr, "4"};
  EXPECT_THAT(seeds(2), ElementsAre(1, 2, 3, 4));
}

TEST(Seeds, EnvironmentReplaysOne) {
  const Environment environment{"17", "4"};
  EXPECT_THAT(seeds(2), ElementsAre(17));
}

TEST(Seeds, NonsenseIsRefused) {
  const Environment environment{"12x", nullptr};
  EXPECT_THROW(seeds(1), ConfigError);
}

TEST(ForEachSeed, FailureNamesTheSeedThatRepeatsIt) {
  const Environment environment{nullptr, nullptr};
  const auto fail_at_two = [](std::uint64_t seed) {
    if (seed == 2) throw Error{"lost a record"};
  };
  try {
    for_each_seed(3, fail_at_two);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("WEIR_SEED=2"));
    EXPECT_THAT(error.what(), HasSubstr("lost a record"));
  }
}

TEST(Swarm, TurnsFaultsOffInSomeRunsAndUpInOthers) {
  int off = 0;
  int frequent = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const double probability = Swarm{seed}.probability(0.5);
    off += probability == 0 ? 1 : 0;
    frequent += probability == 0.5 ? 1 : 0;
  }
  EXPECT_GT(off, 30);
  EXPECT_GT(frequent, 10);
}

}  // namespace
}  // namespace weir::testing
