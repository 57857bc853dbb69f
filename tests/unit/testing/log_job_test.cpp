// SPDX-License-Identifier: Apache-2.0
// Goal: log source and sink hold under a job's real threads, not only under one that is stepped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "weir/job.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/sim_disk.hpp"

namespace weir::testing {
namespace {

using ::testing::SizeIs;

constexpr std::size_t kRecords = 2'000;

LogRecord copy_of(const std::string& value) { return {.key = value, .value = value}; }

/// The world around several jobs, one after the other.
struct Machine {
  Machine() {
    log.create_topic("in", 3);
    log.create_topic("out", 2);
    for (std::size_t number = 0; number < kRecords; ++number) {
      log.append({"in", static_cast<std::uint32_t>(number % 3)}, copy_of(std::to_string(number)));
    }
  }
  /// `assigned`: the partitions that the job reads.
  Topology topology(std::optional<std::set<std::uint32_t>> assigned = std::nullopt) {
    const auto client =
        std::make_shared<LogClient>(log, LogClient::Options{.assigned = std::move(assigned)});
    const auto decode = [](const LogRecord& record) { return *record.value; };
    Topology copy{"copy"};
    copy.source("in", log_source<std::string>(client, "in", decode))
        .key_by(std::identity{})
        .count()
        .changes()
        .map([](const Change<std::string, std::int64_t>& change) { return change.key; })
        .to("out", log_sink<std::string>(client, "out", copy_of));
    return copy;
  }
  JobOptions options() {
    JobOptions options;
    options.workers = 3;
    options.guarantee = Guarantee::exactly_once;
    options.checkpoints.directory = "checkpoints";
    options.checkpoints.interval = Duration{2};
    options.exchange.batch_records = 10;
    options.restart.attempt_count_max = 1'000;
    options.restart.delay = Duration{1};
    options.restart.delay_max = Duration{2};
    options.files = disk;
    return options;
  }

  Effects effects;
  SystemClock clock;
  SimLog log{effects, clock};
  std::shared_ptr<SimDisk> disk = std::make_shared<SimDisk>(effects);
};

void expect_every_record_once(const SimLog& log) {
  std::set<std::string> seen;
  const std::vector<LogRecord> records = log.committed_records("out");
  for (const LogRecord& record : records) seen.insert(*record.value);
  EXPECT_THAT(records, SizeIs(kRecords));
  EXPECT_THAT(seen, SizeIs(kRecords));
}

TEST(LogJob, CopiesEveryRecordOnce) {
  Machine machine;
  Job{machine.topology(), machine.options()}.run();
  expect_every_record_once(machine.log);
}

TEST(LogJob, CopiesEveryRecordOnceWhileTheLogMisbehaves) {
  Machine machine;
  machine.log.set_faults({.commit_refused = 0.1,
                          .commit_undecided = 0.3,
                          .commit_unfinished = 0.2,
                          .commit_answer_lost = 0.3,
                          .fenced = 0.1});
  JobOptions options = machine.options();
  Job{machine.topology(), options}.run();
  expect_every_record_once(machine.log);
}

TEST(LogJob, TwoJobsShareTheWorkThroughARepartitionTopic) {
  Machine machine;
  JobOptions options = machine.options();
  options.exchange.through = Exchange::topic;
  options.shards = 4;
  options.instance = "even";
  Job even{machine.topology({{0, 2}}), options};
  options.instance = "odd";
  Job odd{machine.topology({{1, 3}}), options};
  even.start();
  odd.start();
  even.wait();
  odd.wait();
  expect_every_record_once(machine.log);
  std::uint64_t exchanged = 0;
  for (std::uint32_t partition = 0; partition < 4; ++partition) {
    exchanged += machine.log.end_offset({"copy.in.key_by.repartition", partition});
  }
  EXPECT_GT(exchanged, kRecords);
}

TEST(LogJob, SavepointOfAJobWithRepartitionTopicsIsAnError) {
  Machine machine;
  JobOptions options = machine.options();
  options.exchange.through = Exchange::topic;
  options.shards = 4;
  Job job{machine.topology({{1}}), options};  // Waits for the partitions that nobody reads.
  job.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (job.status().state != JobState::running && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_THAT([&] { job.savepoint("first"); },
              ::testing::ThrowsMessage<Error>(::testing::HasSubstr("records under way")));
  job.cancel();
}

TEST(LogJob, GoesOnWhereAStoppedJobEnded) {
  Machine machine;
  Job first{machine.topology(), machine.options()};
  first.start();
  EXPECT_TRUE(first.stop());
  Job{machine.topology(), machine.options()}.run();
  expect_every_record_once(machine.log);
}

}  // namespace
}  // namespace weir::testing
