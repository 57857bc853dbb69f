// SPDX-License-Identifier: Apache-2.0
// Goal: whatever a process is doing when it dies, what is committed in the end is what a plain loop
// over the input says.
// Method: the whole machine in memory; a crash at each numbered effect, then runs with drawn faults
// and crashes.
#include "tests/simulation/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/testing/seeds.hpp"

namespace simulation {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using weir::testing::for_each_seed;
using weir::testing::replay;

void expect_survival(const Maker& make) {
  for_each_seed(20, [&](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    const Verdict everywhere = crash_everywhere(make, {seed});
    EXPECT_THAT(everywhere.failures, IsEmpty());
    EXPECT_EQ(everywhere.crashes, everywhere.effects);
    EXPECT_THAT(swarm(make, {seed}).failures, IsEmpty());
  });
}

TEST(Simulation, WordCountSurvivesACrashAtEveryEffect) { expect_survival(word_count); }
TEST(Simulation, LateSessionsSurviveACrashAtEveryEffect) { expect_survival(late_sessions); }
TEST(Simulation, TimersSurviveACrashAtEveryEffect) { expect_survival(timers); }
TEST(Simulation, LogToLogSurvivesACrashAtEveryEffect) { expect_survival(log_to_log); }

TEST(Simulation, VerifierFindsOneLostRecord) {
  for (const Maker& make : simulations()) {
    const Verdict verdict = crash_everywhere(make, {.seed = 1, .drops_one = true});
    EXPECT_THAT(verdict.failures, Not(IsEmpty())) << make({})->name();
  }
}

TEST(Simulation, SameSeedDoesTheSameThings) {
  for (const Maker& make : simulations()) {
    EXPECT_EQ(crash_everywhere(make, {3}).effects, crash_everywhere(make, {3}).effects);
  }
}

}  // namespace
}  // namespace simulation
