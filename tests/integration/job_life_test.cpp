// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "integration/job_harness.hpp"

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMany = 200'000;

std::map<std::string, std::int64_t> counts_of(std::uint64_t count) {
  std::map<std::string, std::int64_t> counts;
  for (std::uint64_t i = 0; i < count; ++i) ++counts[std::to_string(i % 10)];
  return counts;
}

/// Waits, at most a few seconds, until `is_true`.
template <class F>
bool eventually(F is_true) {
  for (int tries = 0; tries < 2'000; ++tries) {
    if (is_true()) return true;
    std::this_thread::yield();
    const auto until = std::chrono::steady_clock::now() + 5ms;
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
  }
  return false;
}

TEST(JobLife, BoundedInputIsReadToItsEndAndTheJobFinishes) {
  Totals totals;
  Job job{count_by_digit(numbers(kMany), totals), {.workers = 2}};
  job.run();
  EXPECT_EQ(totals.get(), counts_of(kMany));
  EXPECT_EQ(job.status().state, JobState::finished);
  EXPECT_EQ(job.progress().records, kMany);
}

TEST(JobLife, AnyNumberOfWorkersGivesTheSameCounts) {
  for (const std::uint32_t workers : {1U, 2U, 5U}) {
    Totals totals;
    Job{count_by_digit(numbers(kMany), totals), {.workers = workers}}.run();
    EXPECT_EQ(totals.get(), counts_of(kMany)) << workers << " workers";
  }
}

TEST(JobLife, AStoppedJobGoesOnWhereItWasWithAnotherNumberOfWorkers) {
  const ScratchDirectory scratch;
  Totals totals;
  {
    Job job{count_by_digit(numbers(kMany, 100'000), totals), with_checkpoints(scratch / "c")};
    job.start();
    ASSERT_TRUE(eventually([&] { return job.status().last_checkpoint >= 2; }));
    EXPECT_TRUE(job.stop());
    EXPECT_EQ(job.status().state, JobState::stopped);
    EXPECT_LT(job.progress().records, kMany);
  }
  JobOptions options = with_checkpoints(scratch / "c");
  options.workers = 1;
  Job again{count_by_digit(numbers(kMany), totals), options};
  again.run();
  EXPECT_EQ(totals.get(), counts_of(kMany));
  EXPECT_LT(again.progress().records, kMany) << "it read everything again";
}

TEST(JobLife, ACancelledJobCommitsNothingMore) {
  const ScratchDirectory scratch;
  Totals totals;
  Job job{count_by_digit(numbers(kMany, 50'000), totals), with_checkpoints(scratch / "c")};
  job.start();
  ASSERT_TRUE(eventually([&] { return job.status().last_checkpoint >= 1; }));
  job.cancel();
  EXPECT_EQ(job.status().state, JobState::cancelled);
  job.wait();  // No error: it was wanted.
}

TEST(JobLife, FinishEndsTimeAndFiresOpenWindows) {
  std::atomic<std::int64_t> counted{0};
  Topology topology{"windows"};
  topology.source("numbers", numbers(1'000'000, 20'000))
      .event_time(
          [](const std::uint64_t& number) { return EventTime{static_cast<std::int64_t>(number)}; })
      .key_by([](const std::uint64_t&) { return 1; })
      .window(tumbling({.size = 24h}))
      .count()
      .for_each("keep",
                [&counted](const Windowed<int, std::int64_t>& window) { counted += window.value; });
  Job job{std::move(topology), {.workers = 2}};
  job.start();
  ASSERT_TRUE(eventually([&] { return job.progress().records > 100; }));
  EXPECT_EQ(counted, 0);
  EXPECT_TRUE(job.finish());
  EXPECT_EQ(job.status().state, JobState::finished);
  EXPECT_EQ(static_cast<std::uint64_t>(counted), job.progress().records);
}

TEST(JobLife, AFailureOfUserCodeNamesNodeSplitAndPosition) {
  Topology topology{"failing"};
  topology.source("numbers", io::values<int>({1, 2, 3}))
      .map([](const int& number) {
        if (number == 3) throw std::runtime_error{"no threes"};
        return number;
      })
      .named("picky")
      .for_each("ignore", [](const int&) {});
  Job job{std::move(topology), {.workers = 1}};
  try {
    job.run();
    FAIL() << "nothing was thrown";
  } catch (const OperatorError& error) {
    EXPECT_EQ(error.node(), "picky");
    EXPECT_EQ(error.position(), "2");
    EXPECT_NE(std::string{error.what()}.find("no threes"), std::string::npos) << error.what();
  }
  EXPECT_EQ(job.status().state, JobState::failed);
}

TEST(JobLife, AFailedAttemptIsTriedAgainFromTheLastCheckpoint) {
  const ScratchDirectory scratch;
  Totals totals;
  std::atomic<int> failures{0};
  Topology topology{"failing"};
  topology.source("numbers", numbers(kMany, 400'000))
      .map([&failures](const std::uint64_t& number) {
        if (number == kMany / 6 && failures++ < 2) throw std::runtime_error{"once more"};
        return number;
      })
      .key_by([](const std::uint64_t& number) { return std::to_string(number % 10); })
      .count()
      .changes()
      .for_each("keep", [&totals](const Keyed<std::string, std::int64_t>& count) {
        totals.set(count.key, count.value);
      });
  JobOptions options = with_checkpoints(scratch / "c");
  options.restart = {.attempt_count_max = 5, .delay = 1ms};
  Job job{std::move(topology), options};
  job.run();
  EXPECT_EQ(totals.get(), counts_of(kMany));
  EXPECT_EQ(job.status().attempts, 3U);
  EXPECT_EQ(job.status().state, JobState::finished);
}

TEST(JobLife, SeveralJobsRunInOneProcess) {
  Totals first;
  Totals second;
  Job one{count_by_digit(numbers(kMany), first), {.workers = 1}};
  Job two{count_by_digit(numbers(kMany / 2), second), {.workers = 1}};
  one.start();
  two.start();
  one.wait();
  two.wait();
  EXPECT_EQ(first.get(), counts_of(kMany));
  EXPECT_EQ(second.get(), counts_of(kMany / 2));
}

TEST(JobLife, AFinishedJobStartedAgainHasNothingToDo) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(1'000), totals), with_checkpoints(scratch / "c")}.run();
  Job again{count_by_digit(numbers(1'000), totals), with_checkpoints(scratch / "c")};
  again.run();
  EXPECT_EQ(again.progress().records, 0U);
  EXPECT_EQ(totals.get(), counts_of(1'000));
}

TEST(JobLife, ASavepointIsRestoredIntoAnotherNumberOfShards) {
  const ScratchDirectory scratch;
  Totals totals;
  {
    Job job{count_by_digit(numbers(kMany, 200'000), totals), with_checkpoints(scratch / "c")};
    job.start();
    ASSERT_TRUE(eventually([&] { return job.status().last_checkpoint >= 2; }));
    job.savepoint("before-growing");
    job.cancel();
  }
  JobOptions options = with_checkpoints(scratch / "c");
  options.shards = 3;
  options.restore.savepoint = "before-growing";
  options.restore.accept_repeated_output = true;
  Job again{count_by_digit(numbers(kMany), totals), options};
  again.run();
  EXPECT_EQ(totals.get(), counts_of(kMany));
  EXPECT_LT(again.progress().records, kMany);
}

TEST(JobLife, MetricsAddUp) {
  Topology topology{"metrics"};
  topology.source("numbers", numbers(10'000))
      .filter([](const std::uint64_t& number) { return number % 4 == 0; })
      .named("fourth")
      .for_each("ignore", [](const std::uint64_t&) {});
  Job job{std::move(topology), {.workers = 2}};
  job.run();
  const Metrics metrics = job.metrics();
  EXPECT_EQ(metrics.sum("streaming_records_in_total", {{"node", "fourth"}}), 10'000);
  EXPECT_EQ(metrics.sum("streaming_filtered_events_total", {{"node", "fourth"}}), 7'500);
  EXPECT_EQ(metrics.sum("streaming_records_out_total", {{"node", "fourth"}}), 2'500);
  EXPECT_NE(metrics.find("streaming_e2e_latency_ms"), nullptr);
}

}  // namespace
}  // namespace weir::inline v0
