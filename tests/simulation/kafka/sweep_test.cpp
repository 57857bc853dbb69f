// SPDX-License-Identifier: Apache-2.0
// Goal: whatever a process is doing when it dies, a job between Kafka and files has written each of
// its results once in the end.
// Method: the connector over a simulated broker; a crash at each effect, then drawn faults of
// broker and disk together with crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/kafka/words.hpp"
#include "weir/testing/seeds.hpp"

namespace simulation {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using weir::testing::for_each_seed;
using weir::testing::replay;

const std::vector<Maker>& makers() {
  static const std::vector<Maker> all{kafka_to_kafka, kafka_to_files, files_to_kafka,
                                      kafka_to_both};
  return all;
}

void expect_survival(const Maker& make) {
  for_each_seed(4, [&](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    const Verdict everywhere = crash_everywhere(make, {seed});
    EXPECT_THAT(everywhere.failures, IsEmpty());
    EXPECT_EQ(everywhere.crashes, everywhere.effects);
  });
}

TEST(KafkaSweep, KafkaToKafkaSurvivesACrashAtEveryEffect) { expect_survival(kafka_to_kafka); }
TEST(KafkaSweep, KafkaToFilesSurvivesACrashAtEveryEffect) { expect_survival(kafka_to_files); }
TEST(KafkaSweep, FilesToKafkaSurviveACrashAtEveryEffect) { expect_survival(files_to_kafka); }
TEST(KafkaSweep, KafkaToBothSurvivesACrashAtEveryEffect) { expect_survival(kafka_to_both); }

TEST(KafkaSweep, FaultsOfBrokerAndDiskAreSurvivedWithCrashes) {
  for_each_seed(30, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    for (const Maker& make : makers()) {
      EXPECT_THAT(swarm(make, {seed}).failures, IsEmpty());
    }
  });
}

TEST(KafkaSweep, VerifierFindsOneLostRecord) {
  for (const Maker& make : makers()) {
    EXPECT_THAT(swarm(make, {.seed = 1, .drops_one = true}).failures, Not(IsEmpty()));
  }
}

TEST(KafkaSweep, SameSeedDoesTheSameThings) {
  EXPECT_EQ(swarm(kafka_to_both, {3}).failed_attempts, swarm(kafka_to_both, {3}).failed_attempts);
}

}  // namespace
}  // namespace simulation
