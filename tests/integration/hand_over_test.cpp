// SPDX-License-Identifier: Apache-2.0
// Goal: what an authority asks of a job, and what a host asks meanwhile, on real threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "integration/job_harness.hpp"
#include "unit/runtime/scripted_authority.hpp"

namespace weir::inline v0 {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// Counts numbers by their last digit under an authority.
struct Counting {
  explicit Counting(std::uint64_t count, double per_second = 0) {
    topology.source("numbers", numbers(count, per_second))
        .key_by([](const std::uint64_t& number) { return std::to_string(number % 10); })
        .count()
        .changes()
        .to("log", std::make_shared<AuthoritySink<Change<std::string, std::int64_t>>>(authority));
  }
  JobOptions options() const {
    JobOptions wanted = with_checkpoints(scratch / "c");
    wanted.guarantee = Guarantee::exactly_once;
    return wanted;
  }

  std::shared_ptr<ScriptedAuthority> authority = std::make_shared<ScriptedAuthority>();
  ScratchDirectory scratch;
  Topology topology{"digits"};
};

/// Waits, at most some seconds, until `is_true`.
template <class F>
bool eventually(F is_true) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(JobHandOver, StartsTheNextAttemptAtOnceAndIsNoFailure) {
  Counting counting{100'000, 50'000};
  Job job{std::move(counting.topology), counting.options()};
  job.start();
  for (int done = 0; done < 5; ++done) {
    ASSERT_TRUE(eventually([&] {
      return job.status().state == JobState::running &&
             counting.authority->open_count() == done + 1;
    }));
    counting.authority->hand_over("rebalance " + std::to_string(done));
    ASSERT_TRUE(eventually([&] { return counting.authority->open_count() == done + 2; }));
  }
  EXPECT_EQ(job.status().last_hand_over, "rebalance 4");
  EXPECT_TRUE(eventually([&] {
    return job.metrics().sum("log_opened_total", {{"job", "digits"}}) == 6;
  }));
  job.wait();
  EXPECT_EQ(job.status().state, JobState::finished);
  EXPECT_EQ(job.status().attempts, 6U);
  EXPECT_TRUE(counting.authority->has_ended());
}

TEST(JobHandOver, AJobThatStandsByTellsWhyAndStopsAtOnce) {
  Counting counting{1'000};
  counting.authority->set_missing("an assignment of partitions");
  Job job{std::move(counting.topology), counting.options()};
  job.start();
  ASSERT_TRUE(eventually([&] { return job.status().state == JobState::standby; }));
  EXPECT_EQ(job.status().waiting_for, "an assignment of partitions");
  EXPECT_THROW(job.savepoint("early"), Error);
  EXPECT_TRUE(job.stop());
  EXPECT_EQ(job.status().state, JobState::stopped);
  EXPECT_TRUE(counting.authority->has_ended());
}

TEST(JobHandOver, AJobThatStandsByIsCancelled) {
  Counting counting{1'000};
  counting.authority->set_missing("an assignment of partitions");
  Job job{std::move(counting.topology), counting.options()};
  job.start();
  ASSERT_TRUE(eventually([&] { return job.status().state == JobState::standby; }));
  job.cancel();
  EXPECT_EQ(job.status().state, JobState::cancelled);
}

TEST(JobHandOver, AJobThatStoodByRunsWhenItMay) {
  Counting counting{1'000};
  counting.authority->set_missing("an assignment of partitions");
  Job job{std::move(counting.topology), counting.options()};
  job.start();
  ASSERT_TRUE(eventually([&] { return job.status().state == JobState::standby; }));
  counting.authority->set_missing("");
  job.wait();
  EXPECT_EQ(job.progress().records, 1'000U);
  EXPECT_EQ(job.status().attempts, 1U);
}

TEST(JobHandOver, AnUndecidedCommitHoldsStopNoLongerThanItsDeadline) {
  Counting counting{1'000'000'000, 1'000};
  JobOptions options = counting.options();
  options.stop_timeout = 200ms;
  const auto authority = counting.authority;
  {
    Job job{std::move(counting.topology), options};
    job.start();
    ASSERT_TRUE(eventually([&] { return authority->committed() > 0; }));
    authority->set_undecided(true);
    EXPECT_FALSE(job.stop());
    EXPECT_EQ(job.status().state, JobState::stopping);
    EXPECT_THAT(job.status().waiting_for, HasSubstr("the log's answer"));
  }
  EXPECT_TRUE(authority->has_ended());
}

TEST(JobHandOver, StopEndsAJobThatIsHandingOver) {
  Counting counting{1'000'000'000, 1'000};
  JobOptions options = counting.options();
  options.stop_timeout = 100ms;
  Job job{std::move(counting.topology), options};
  job.start();
  ASSERT_TRUE(eventually([&] { return counting.authority->committed() > 0; }));
  counting.authority->set_undecided(true);
  counting.authority->hand_over("a rebalance");
  EXPECT_FALSE(job.stop());
  counting.authority->set_undecided(false);
  job.wait();
  EXPECT_EQ(job.status().state, JobState::stopped);
  EXPECT_EQ(counting.authority->open_count(), 1);
}

TEST(JobHandOver, SavepointsAskedForMeanwhileFailOrAreTaken) {
  Counting counting{1'000'000'000, 1'000};
  Job job{std::move(counting.topology), counting.options()};
  job.start();
  ASSERT_TRUE(eventually([&] { return counting.authority->committed() > 0; }));
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < 10; ++round) {
    counting.authority->hand_over("once more");
    try {
      job.savepoint("round-" + std::to_string(round));
      ++taken;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_EQ(taken + refused, 10);
  EXPECT_TRUE(job.stop());
}

}  // namespace
}  // namespace weir::inline v0
