// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/checkpoint/small_job.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::IsEmpty;

constexpr int kNumbers = 15;
constexpr std::uint64_t kSeeds = 6;

/// Runs the job to its end, from wherever it stands.
void run(Machine& machine, const SmallJob::Options& options) {
  SmallJob job{machine, options};
  job.start();
  EXPECT_EQ(job.state, numbers_to(job.next() - 1)) << "state and position are not of one cut";
  while (job.next() <= kNumbers) {
    job.read(3);
    job.checkpoint();
    if (job.next() == 10) job.make_base();
  }
}

/// Starts once more, lets go of what is not kept, and returns the files that nobody needs.
std::vector<std::string> leftovers(Machine& machine, const SmallJob::Options& options) {
  SmallJob job{machine, options};
  job.start();
  job.cycle->retain();
  CheckpointCatalog catalog{machine.storage, {"small", "0"}};
  catalog.load();
  const std::set<std::string> needed =
      reachable_files(kept_checkpoints(catalog.entries(), {.count = 2, .ladder = {}}, {}));
  std::vector<std::string> files = machine.storage->list("small/");
  std::erase_if(files, [&](const std::string& file) { return needed.contains(file); });
  return files;
}

struct Outcome {
  std::string published;
  std::uint64_t effects = 0;
  std::vector<std::string> leftovers;
};

/// The job, with a crash at one effect, and then in a second life.
Outcome run_with_crash(std::uint64_t seed, std::optional<std::uint64_t> crash_at,
                       bool has_authority) {
  Machine machine{seed, crash_at};
  std::shared_ptr<FakeAuthority> authority;
  if (has_authority) authority = std::make_shared<FakeAuthority>(machine.effects);
  try {
    run(machine, {.life = "1", .authority = authority});
  } catch (const testing::SimulatedCrash&) {
    machine.restart();
    run(machine, {.life = "2", .authority = authority});
  }
  const std::uint64_t effects = machine.effects.count();
  machine.effects.crash_at(std::nullopt);
  const std::vector<std::string> left = leftovers(machine, {.life = "3", .authority = authority});
  return {published(machine), effects, left};
}

void expect_exactly_once(bool has_authority) {
  const Outcome calm = run_with_crash(1, std::nullopt, has_authority);
  ASSERT_EQ(calm.published, numbers_to(kNumbers));
  ASSERT_GT(calm.effects, 50U);
  for (std::uint64_t effect = 1; effect <= calm.effects; ++effect) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Outcome outcome = run_with_crash(seed, effect, has_authority);
      EXPECT_EQ(outcome.published, calm.published) << "at " << effect << ", seed " << seed;
      EXPECT_THAT(outcome.leftovers, IsEmpty()) << "at " << effect << ", seed " << seed;
    }
  }
}

// Goal: whatever effect a crash hits, each record is published once, the restored state and
// position are of one cut, and nothing is left behind. Method: cut at each, restart, compare.
TEST(CommitCycleCrash, AtAnyEffectLeavesTheSameOutputWhenFilesAreTheCommit) {
  expect_exactly_once(false);
}

TEST(CommitCycleCrash, AtAnyEffectLeavesTheSameOutputWhenAnAuthorityCommits) {
  expect_exactly_once(true);
}

// The same for a savepoint and its restoration into a fresh line of checkpoints.
TEST(CommitCycleCrash, WhileASavepointIsRestoredEndsInItsLine) {
  const auto restore = [](Machine& machine, const std::string& life) {
    SmallJob job{machine,
                 {.life = life, .restore = {.savepoint = "six", .accept_repeated_output = true}}};
    job.start();
    EXPECT_EQ(job.state, numbers_to(job.next() - 1));
    if (job.next() > 9) return;
    job.read(3);
    job.checkpoint();
  };
  for (std::uint64_t effect = 1; effect < 60; ++effect) {
    Machine machine{effect};
    {
      SmallJob job{machine};
      job.start();
      job.read(6);
      job.checkpoint();
      job.save("six");
    }
    machine.effects.crash_at(machine.effects.count() + effect);
    try {
      restore(machine, "2");
    } catch (const testing::SimulatedCrash&) {
      machine.restart();
      restore(machine, "3");
    }
    machine.effects.crash_at(std::nullopt);
    restore(machine, "4");
    EXPECT_EQ(published(machine), numbers_to(9)) << "at " << effect;
  }
}

}  // namespace
}  // namespace weir::inline v0::detail
