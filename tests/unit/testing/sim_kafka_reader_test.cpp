// SPDX-License-Identifier: Apache-2.0
// Goal: readers of the simulated Kafka see what a read_committed consumer sees, and are woken for
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/testing/sim_kafka_harness.hpp"

namespace weir::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Pair;

const kafka::TopicPartition kOut{"out", 0};

/// A member of a group that reads "out".
Member reading_member(Broker& broker) { return {*broker.kafka, "", {"out"}}; }

TEST(SimKafkaReader, JumpsOverAbortedRecordsAndMarkersToTheEnd) {
  Broker broker;
  {
    const auto aborted = producer_of(*broker.kafka, "p");
    produce(*aborted, {"lost", "too"});
    aborted->flush(kNoWait);
  }
  const auto producer = producer_of(*broker.kafka, "p");
  produce(*producer, {"a"});
  producer->commit_transaction(kNoWait);

  Member member = reading_member(broker);
  member.poll(2);
  const auto reader = member.read(kOut, 0);
  EXPECT_FALSE(reader->is_at_end());
  EXPECT_EQ(reader->end_offset(), std::nullopt);
  const auto fetched = reader->fetch(10);
  EXPECT_THAT(values_of(fetched), ElementsAre("a"));
  EXPECT_EQ(fetched->records()[0].offset, 3);  // Two aborted records and their marker.
  EXPECT_EQ(reader->position(), 5);
  EXPECT_EQ(reader->end_offset(), 5);
  EXPECT_TRUE(reader->is_at_end());
  EXPECT_EQ(reader->fetch(10), nullptr);
}

TEST(SimKafkaReader, WaitsBeforeAnOpenTransactionAndIsWokenByItsEnd) {
  Broker broker;
  Member member = reading_member(broker);
  member.poll(2);
  int woken = 0;
  const auto reader = member.read(kOut, 0, [&] { ++woken; });
  EXPECT_EQ(reader->fetch(10), nullptr);
  EXPECT_TRUE(reader->is_at_end());
  const auto producer = producer_of(*broker.kafka, "p");
  produce(*producer, {"a"});
  producer->flush(kNoWait);
  EXPECT_EQ(reader->fetch(10), nullptr);
  EXPECT_EQ(reader->position(), 0);
  EXPECT_EQ(reader->end_offset(), 0);
  woken = 0;
  producer->commit_transaction(kNoWait);
  EXPECT_GT(woken, 0);
  EXPECT_THAT(values_of(reader->fetch(10)), ElementsAre("a"));
}

TEST(SimKafkaReader, IsWokenWhenTimeAloneEndsATransaction) {
  Broker broker;
  kafka::ProducerSettings settings;
  settings.transaction_timeout = Duration{1'000};
  const auto dead = producer_of(*broker.kafka, "p", std::move(settings));
  produce(*dead, {"lost"});
  dead->flush(kNoWait);
  broker.log.append({"out", 0}, {.key = "k", .value = "a"});
  Member member = reading_member(broker);
  member.poll(2);
  int woken = 0;
  const auto reader = member.read(kOut, 0, [&] { ++woken; });
  EXPECT_EQ(reader->fetch(10), nullptr);
  broker.kafka->step();
  EXPECT_EQ(woken, 0);
  broker.clock.advance(Duration{1'000});
  broker.kafka->step();
  broker.kafka->step();
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(values_of(reader->fetch(10)), ElementsAre("a"));
}

TEST(SimKafkaReader, FetchesInPiecesAndLeavesTheEndOpenMeanwhile) {
  Broker broker;
  for (const char* value : {"a", "b", "c"}) broker.log.append({"out", 0}, {.value = value});
  Member member = reading_member(broker);
  member.poll(2);
  auto reader = member.read(kOut, 1);
  const auto first = reader->fetch(1);
  EXPECT_FALSE(reader->is_at_end());
  EXPECT_EQ(reader->end_offset(), 3);
  EXPECT_THAT(values_of(reader->fetch(5)), ElementsAre("c"));
  EXPECT_TRUE(reader->is_at_end());
  reader.reset();
  EXPECT_THAT(values_of(first), ElementsAre("b"));  // Outlives its reader.
}

TEST(SimKafkaReader, OffsetsOutOfRangeAndTopicsThatAreGoneAreErrors) {
  Broker broker;
  Member member = reading_member(broker);
  member.poll(2);
  auto reader = member.read(kOut, 1);
  EXPECT_EQ(failure_of([&] { reader->fetch(1); }), "failed OFFSET_OUT_OF_RANGE");
  reader.reset();
  reader = member.read(kOut, 0);
  broker.log.delete_topic("out");
  broker.kafka->step();
  EXPECT_EQ(failure_of([&] { reader->fetch(1); }), "failed UNKNOWN_TOPIC_OR_PART");
}

TEST(SimKafkaReader, FetchThatFailsIsAnErrorOrIsRepeatedAfterAWake) {
  Broker broker;
  broker.log.append({"out", 0}, {.value = "a"});
  Member member = reading_member(broker);
  member.poll(2);
  int woken = 0;
  const auto reader = member.read(kOut, 0, [&] { ++woken; });
  broker.log.set_faults({.fetch_fails = 1});
  int errors = 0;
  int silent = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string failure = failure_of([&] { EXPECT_EQ(reader->fetch(1), nullptr); });
    (failure.empty() ? silent : errors)++;
    EXPECT_THAT(failure, AnyOf("", "failed _FAIL"));
  }
  EXPECT_GT(errors, 0);
  EXPECT_GT(silent, 0);
  EXPECT_FALSE(reader->is_at_end());
  broker.log.set_faults({});
  broker.kafka->step();
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(values_of(reader->fetch(1)), ElementsAre("a"));
}

TEST(SimKafkaReader, OffsetsAreFoundByTimeAndRange) {
  Broker broker;
  broker.log.append({"out", 0}, {.value = "a", .time = EventTime{10}});
  broker.log.append({"out", 0}, {.value = "b", .time = EventTime{20}});
  Member member = reading_member(broker);
  EXPECT_THAT(member.consumer->offset_range(kOut, kNoWait), Pair(0, 2));
  EXPECT_EQ(member.consumer->offset_at(kOut, EventTime{10}, kNoWait), 0);
  EXPECT_EQ(member.consumer->offset_at(kOut, EventTime{11}, kNoWait), 1);
  EXPECT_EQ(member.consumer->offset_at(kOut, EventTime{21}, kNoWait), std::nullopt);
}

}  // namespace
}  // namespace weir::testing
