// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "weir/testing/effects.hpp"

namespace weir::testing {
namespace {

TEST(Effects, AreNumberedFromOne) {
  Effects effects;
  effects.run("write", "a", [] {});
  EXPECT_EQ(effects.run("rename", "b", [] { return 7; }), 7);
  EXPECT_EQ(effects.count(), 2U);
  EXPECT_EQ(effects.last(), "2: rename b");
}

TEST(Effects, ProcessDiesAtTheChosenOneAndDoesNothingMore) {
  Effects effects{{.seed = 1, .crash_at = 2}};
  int happened = 0;
  effects.run("write", "a", [&] { ++happened; });
  EXPECT_THROW(effects.run("write", "b", [] {}), SimulatedCrash);
  EXPECT_THROW(effects.run("write", "c", [&] { ++happened; }), SimulatedCrash);
  EXPECT_TRUE(effects.has_crashed());
  EXPECT_EQ(happened, 1);
}

TEST(Effects, SeedSaysWhetherTheLastOneStillHappens) {
  bool was_lost = false;
  bool was_done = false;
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Effects effects{{.seed = seed, .crash_at = 1}};
    bool happened = false;
    EXPECT_THROW(effects.run("write", "a", [&] { happened = true; }), SimulatedCrash);
    (happened ? was_done : was_lost) = true;
  }
  EXPECT_TRUE(was_lost && was_done);
}

TEST(Effects, RestartedProcessGoesOnAndOldHandlesAreDead) {
  Effects effects{{.seed = 1, .crash_at = 1}};
  const std::uint64_t generation = effects.generation();
  EXPECT_THROW(effects.run("write", "a", [] {}), SimulatedCrash);
  effects.restart();
  EXPECT_NO_THROW(effects.run("write", "b", [] {}));
  EXPECT_THROW(effects.check_alive(generation), SimulatedCrash);
}

TEST(Effects, DiesAtAnEffectThatIsNamed) {
  Effects effects;
  int happened = 0;
  const auto act = [&](const char* operation) { effects.run(operation, "a", [&] { ++happened; }); };
  effects.crash_at({.effect = "write", .occurrence = 2, .moment = CrashPoint::Moment::after});
  act("write");
  act("sync");
  EXPECT_THROW(act("write"), SimulatedCrash);
  EXPECT_EQ(happened, 3);
  effects.restart();
  act("write");
  act("write");
  effects.crash_at({.effect = "rename a"});
  EXPECT_THROW(act("rename"), SimulatedCrash);
  EXPECT_EQ(happened, 5);
}

}  // namespace
}  // namespace weir::testing
