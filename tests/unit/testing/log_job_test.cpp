// SPDX-License-Identifier: Apache-2.0
// Goal: log source and sink hold under a job's real threads, not only under one that is stepped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

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
  Topology topology() {
    const auto client = std::make_shared<LogClient>(log);
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
