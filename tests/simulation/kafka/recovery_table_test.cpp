// SPDX-License-Identifier: Apache-2.0
// Goal: each row of the table of recovery: what committed offsets and stored checkpoints say
// together, and what a start does about it.
// Method: a job dies right after a commit; somebody changes broker or disk; it starts again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/simulation/kafka/tables.hpp"
#include "weir/kafka.hpp"

namespace simulation {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using weir::testing::CrashPoint;
using weir::testing::LogRecord;
using weir::testing::World;
using weir::testing::WorldOptions;

constexpr WordPlaces kToKafka{};
constexpr std::size_t kWords = 60;

/// A world whose job dies after the commit of its third checkpoint.
WorldOptions dying() {
  WorldOptions options = small_steps();
  options.crash_points = {{"commit simulated.0", 3, CrashPoint::Moment::after}};
  return options;
}

/// Runs until it has finished; `meanwhile` happens after the crash, before the next start. Returns
/// what the run threw; empty: nothing.
std::string run(World& world, const std::function<void(World&)>& meanwhile) {
  bool is_first = true;
  try {
    world.run([&](weir::Topology& topology, World& at) {
      if (!std::exchange(is_first, false)) meanwhile(at);
      Words::build(topology, at, kToKafka);
    });
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

std::string run_dying(const std::function<void(World&)>& meanwhile) {
  World world{dying()};
  Words{kWords}.prepare(world, 2);
  return run(world, meanwhile);
}

/// Totals of the words, and of more of them.
std::map<std::string, std::int64_t> totals_with(const std::vector<std::string>& more) {
  const Words words{kWords};
  std::map<std::string, std::int64_t> totals;
  for (std::size_t number = 0; number < kWords; ++number) ++totals[words.key(number)];
  for (const std::string& line : more) ++totals[line.substr(0, line.find(' '))];
  return totals;
}

const auto kNamesBothWaysOut = AllOf(HasSubstr("ways out"), HasSubstr("restore"));

TEST(KafkaRecoveryTable, OffsetsThatNameACheckpointThatIsThereGoOnFromIt) {
  World world{dying()};
  Words{kWords}.prepare(world, 2);
  EXPECT_EQ(run(world, [](World&) {}), "");
  EXPECT_EQ(Words{kWords}.faults(world, kToKafka), "");
}

TEST(KafkaRecoveryTable, OffsetsThatNameACheckpointThatIsMissingStopTheJob) {
  EXPECT_THAT(run_dying([](World& world) { world.disk().remove_all("checkpoints"); }),
              kNamesBothWaysOut);
}

TEST(KafkaRecoveryTable, OffsetsThatNameACheckpointWithoutTheirPartitionStopTheJob) {
  const std::string text = run_dying([](World& world) {
    world.log().grow_topic("in", 3);
    auto place = world.log().places(Words::kGroup).offsets.at({"in", 0});
    world.log().set_places(Words::kGroup, {{{"in", 2}, {0, place.metadata}}});
  });
  EXPECT_THAT(text, AllOf(HasSubstr("in/2"), kNamesBothWaysOut));
}

TEST(KafkaRecoveryTable, OffsetThatWasMovedUnderItsCheckpointStopsTheJob) {
  const std::string text = run_dying([](World& world) {
    auto place = world.log().places(Words::kGroup).offsets.at({"in", 0});
    world.log().set_places(Words::kGroup, {{{"in", 0}, {place.offset + 1, place.metadata}}});
  });
  EXPECT_THAT(text, HasSubstr("in/0"));
}

TEST(KafkaRecoveryTable, NewPartitionIsReadFromItsBeginning) {
  World world{dying()};
  Words{kWords}.prepare(world, 2);
  const std::vector<std::string> more{"k1 new", "k9 new"};
  EXPECT_EQ(run(world,
                [&](World& at) {
                  at.log().grow_topic("in", 3);
                  for (const std::string& line : more) at.log().append({"in", 2}, {.value = line});
                }),
            "");
  EXPECT_EQ(difference_of_counts(counts_in_topic(world), totals_with(more)), "");
}

TEST(KafkaRecoveryTable, FirstStartBeginsWhereItIsToldTo) {
  World world{small_steps()};
  Words{kWords}.prepare(world, 2);
  world.run([](weir::Topology& topology, World& at) {
    const weir::kafka::Cluster kafka{{.brokers = "simulated", .client = at.kafka()}};
    topology
        .source("in", kafka.topic("in", weir::text())
                          .from(weir::kafka::Start::latest())
                          .until(weir::kafka::Until::end()))
        .to("out", kafka.topic("out", weir::text()));
  });
  EXPECT_THAT(world.log().committed_records("out"), IsEmpty());
}

TEST(KafkaRecoveryTable, OffsetsThatHaveExpiredStopTheJob) {
  EXPECT_THAT(run_dying([](World& world) { world.log().forget_places(Words::kGroup); }),
              kNamesBothWaysOut);
}

TEST(KafkaRecoveryTable, OffsetsThatWereResetByHandStopTheJob) {
  EXPECT_THAT(run_dying([](World& world) {
                world.log().set_places(Words::kGroup, {{{"in", 0}, {0, ""}}, {{"in", 1}, {0, ""}}});
              }),
              kNamesBothWaysOut);
}

}  // namespace
}  // namespace simulation
