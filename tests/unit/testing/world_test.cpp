// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"

namespace weir::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::size_t kRecords = 60;

LogRecord copy_of(const std::string& value) { return {.key = value, .value = value}; }

/// A world with a topic of numbers as text.
std::unique_ptr<World> world_with_input(const WorldOptions& options) {
  auto world = std::make_unique<World>(options);
  world->log().create_topic("in", 2);
  world->log().create_topic("out", 2);
  for (std::size_t number = 0; number < kRecords; ++number) {
    world->log().append({"in", static_cast<std::uint32_t>(number % 2)},
                        copy_of(std::to_string(number)));
  }
  return world;
}

void copy_numbers(Topology& topology, World& world) {
  const auto client = std::make_shared<LogClient>(world.log());
  const auto decode = [](const LogRecord& record) { return *record.value; };
  topology.source("in", log_source<std::string>(client, "in", decode))
      .to("out", log_sink<std::string>(client, "out", copy_of));
}

void expect_every_number_once(World& world) {
  std::set<std::string> seen;
  const std::vector<LogRecord> records = world.log().committed_records("out");
  for (const LogRecord& record : records) seen.insert(*record.value);
  EXPECT_THAT(records, SizeIs(kRecords));
  EXPECT_THAT(seen, SizeIs(kRecords));
}

WorldOptions options_with(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.job.checkpoints.interval = Duration{3};
  options.job.exchange.batch_records = 2;
  return options;
}

/// All that is on the disk and in the log, as one text.
std::string everything(World& world) {
  std::string text;
  for (const std::string& path : world.disk().all_files()) {
    text += path + "\n" + world.disk().content(path) + "\n";
  }
  for (const LogRecord& record : world.log().committed_records("out")) text += *record.value + "\n";
  return text;
}

TEST(World, RunsAJobToItsEnd) {
  const auto world = world_with_input(options_with(1));
  world->run(copy_numbers);
  expect_every_number_once(*world);
  EXPECT_EQ(world->crash_count(), 0U);
  EXPECT_GT(world->effect_count(), 10U);
}

TEST(World, SameSeedMakesTheSameBytes) {
  WorldOptions options = options_with(5);
  options.crashes = {25};
  const auto first = world_with_input(options);
  const auto second = world_with_input(options);
  first->run(copy_numbers);
  second->run(copy_numbers);
  EXPECT_EQ(first->effect_count(), second->effect_count());
  EXPECT_EQ(everything(*first), everything(*second));
}

TEST(World, CrashesWhereItIsToldAndGoesOn) {
  WorldOptions options = options_with(2);
  options.crashes = {5, 20, 40};
  const auto world = world_with_input(options);
  world->run(copy_numbers);
  EXPECT_EQ(world->crash_count(), 3U);
  expect_every_number_once(*world);
}

TEST(World, FailedSyncsAreSurvived) {
  WorldOptions options = options_with(3);
  options.faults.sync_fails = 0.8;
  options.faults.span = Duration{200};
  const auto world = world_with_input(options);
  world->run(copy_numbers);
  EXPECT_GT(world->failure_count(), 0U);
  expect_every_number_once(*world);
}

TEST(World, FullDiskIsSurvived) {
  WorldOptions options = options_with(4);
  options.faults.disk_full = 0.8;
  options.faults.span = Duration{200};
  const auto world = world_with_input(options);
  world->run(copy_numbers);
  EXPECT_GT(world->failure_count(), 0U);
  expect_every_number_once(*world);
}

TEST(World, SlowDiskIsSurvived) {
  WorldOptions options = options_with(4);
  options.faults.slow_disk = 0.95;
  const auto world = world_with_input(options);
  world->run(copy_numbers);
  expect_every_number_once(*world);
}

TEST(World, EveryFaultOfTheLogIsSurvived) {
  const std::vector<double LogFaults::*> faults{
      &LogFaults::append_fails,      &LogFaults::commit_refused,     &LogFaults::commit_undecided,
      &LogFaults::commit_unfinished, &LogFaults::commit_answer_lost, &LogFaults::fenced,
      &LogFaults::fetch_fails};
  for (const auto fault : faults) {
    WorldOptions options = options_with(6);
    options.faults.log.*fault = 0.4;
    options.faults.span = Duration{300};
    const auto world = world_with_input(options);
    world->run(copy_numbers);
    expect_every_number_once(*world);
  }
}

TEST(World, FailureThatNoFaultExplainsComesOut) {
  WorldOptions options = options_with(1);
  options.faults.span = Duration{0};
  options.job.restart.delay_max = Duration{1};
  const auto world = world_with_input(options);
  const auto broken = [](Topology& topology, World& at) {
    const auto client = std::make_shared<LogClient>(at.log());
    const auto decode = [](const LogRecord& record) -> std::string {
      if (*record.value == "17") throw std::runtime_error{"seventeen"};
      return *record.value;
    };
    topology.source("in", log_source<std::string>(client, "in", decode))
        .to("out", log_sink<std::string>(client, "out", copy_of));
  };
  EXPECT_THROW(world->run(broken), std::exception);
}

TEST(World, JobThatNeverEndsIsAFailureWithAStatus) {
  WorldOptions options = options_with(1);
  options.drain_span = Duration{100};
  const auto world = world_with_input(options);
  const auto endless = [](Topology& topology, World& at) {
    const auto client = std::make_shared<LogClient>(at.log());
    const auto decode = [](const LogRecord& record) { return *record.value; };
    topology.source("in", log_source<std::string>(client, "in", decode, {.is_bounded = false}))
        .to("out", log_sink<std::string>(client, "out", copy_of));
  };
  try {
    world->run(endless);
    FAIL() << "it ended";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("has not ended"));
    EXPECT_THAT(error.what(), HasSubstr("in/in/0"));
  }
}

}  // namespace
}  // namespace weir::testing
