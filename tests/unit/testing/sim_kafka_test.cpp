// SPDX-License-Identifier: Apache-2.0
// Goal: producers of the simulated Kafka do what the door to Kafka promises, and fail as real ones
// do.
#include "weir/testing/sim_kafka.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/testing/sim_kafka_harness.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const kafka::TopicPartition kOut{"out", 0};
const kafka::TopicPartition kIn{"in", 0};

TEST(SimKafkaProducer, QueuedRecordsGoToTheLogWithAFlush) {
  Broker broker;
  const auto producer = producer_of(*broker.kafka, "");
  EXPECT_EQ(produce(*producer, {"a", "b"}), 2U);
  EXPECT_THAT(producer->queued(), Pair(2U, 4U));
  EXPECT_THAT(broker.committed("out"), IsEmpty());
  producer->flush(kNoWait);
  EXPECT_THAT(producer->queued(), Pair(0U, 0U));
  EXPECT_THAT(broker.committed("out"), ElementsAre("a", "b"));
}

TEST(SimKafkaProducer, FullQueueTakesFewerAndTellsOfRoomLater) {
  Broker broker{{.queue_record_count_max = 3}};
  int told = 0;
  kafka::ProducerSettings settings;
  settings.on_room = [&] { ++told; };
  const auto producer = producer_of(*broker.kafka, "", std::move(settings));
  EXPECT_EQ(produce(*producer, {"a", "b"}), 2U);
  EXPECT_EQ(produce(*producer, {"c", "d"}), 1U);
  EXPECT_EQ(produce(*producer, {"d"}), 0U);
  EXPECT_EQ(told, 0);
  for (int i = 0; i < 100 && told == 0; ++i) broker.kafka->step();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(produce(*producer, {"d"}), 1U);
  producer->flush(kNoWait);
  EXPECT_THAT(broker.committed("out"), ElementsAre("a", "b", "c", "d"));
}

TEST(SimKafkaProducer, TransactionIsSeenWhenItIsCommitted) {
  Broker broker;
  const auto producer = producer_of(*broker.kafka, "p");
  produce(*producer, {"a"}, 0);
  produce(*producer, {"b"}, 1);
  producer->flush(kNoWait);
  EXPECT_EQ(broker.log.end_offset({"out", 0}), 1U);
  EXPECT_THAT(broker.committed("out"), IsEmpty());
  produce(*producer, {"c"}, 1);
  producer->commit_transaction(kNoWait);
  EXPECT_THAT(broker.committed("out"), ElementsAre("a", "b", "c"));
}

TEST(SimKafkaProducer, RecordsCarryKeysHeadersTimesAndTombstones) {
  Broker broker;
  const auto producer = producer_of(*broker.kafka, "");
  const std::vector<kafka::Header> headers{{"h", "1"}, {"h", std::nullopt}};
  kafka::RecordToWrite full{"key", "value", 1, EventTime{5}, &headers};
  kafka::RecordToWrite empty{std::nullopt, std::nullopt, 1, EventTime{6}, nullptr};
  EXPECT_EQ(producer->produce("out", {full, empty}), 2U);
  producer->flush(kNoWait);

  Member member{*broker.kafka, "", {"out"}};
  member.poll(2);
  const auto reader = member.read({"out", 1}, 0);
  const auto fetched = reader->fetch(10);
  const kafka::RecordView& first = fetched->records().at(0);
  EXPECT_EQ(first.key, "key");
  EXPECT_EQ(first.value, "value");
  EXPECT_EQ(first.time, EventTime{5});
  ASSERT_EQ(fetched->headers(0).size(), 2U);
  EXPECT_EQ(fetched->headers(0)[0].value, "1");
  EXPECT_EQ(fetched->headers(0)[1].value, std::nullopt);
  const kafka::RecordView& second = fetched->records().at(1);
  EXPECT_EQ(second.key, std::nullopt);
  EXPECT_EQ(second.value, std::nullopt);
  EXPECT_EQ(second.offset, 1);
  EXPECT_THAT(fetched->headers(1), IsEmpty());
}

TEST(SimKafkaProducer, NothingMayBeProducedBetweenTransactions) {
  Broker broker;
  const auto producer = producer_of(*broker.kafka, "p");
  producer->commit_transaction(kNoWait);
  EXPECT_EQ(failure_of([&] { produce(*producer, {"a"}); }), "failed _STATE");
  EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }), "failed _STATE");
  producer->begin_transaction();
  EXPECT_EQ(produce(*producer, {"a"}), 1U);
}

TEST(SimKafkaProducer, OffsetsOfAGroupBecomeKnownWithTheCommit) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  const auto producer = producer_of(*broker.kafka, "p");
  producer->send_offsets({{kIn, {5, "note"}}}, "g", member.consumer->group_metadata(), kNoWait);
  EXPECT_EQ(failure_of([&] { member.consumer->committed({kIn}, kNoWait); }),
            "retriable UNSTABLE_OFFSET_COMMIT");
  EXPECT_THAT(member.consumer->committed({{"in", 1}}, kNoWait), IsEmpty());
  producer->commit_transaction(kNoWait);
  EXPECT_THAT(member.consumer->committed({kIn, {"in", 1}}, kNoWait),
              ElementsAre(Pair(kIn, kafka::CommittedOffset{5, "note"})));
}

TEST(SimKafkaProducer, OffsetsOfAnOldGenerationBreakTheTransaction) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  const auto stale = member.consumer->group_metadata();
  broker.kafka->rebalance("g");
  member.poll(3);
  const auto producer = producer_of(*broker.kafka, "p");
  produce(*producer, {"a"});
  EXPECT_EQ(failure_of([&] {
              producer->send_offsets({{kIn, {1, ""}}}, "g", stale, kNoWait);
            }),
            "failed ILLEGAL_GENERATION");
  EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }),
            "failed ILLEGAL_GENERATION");
  EXPECT_EQ(failure_of([&] { produce(*producer, {"b"}); }), "failed ILLEGAL_GENERATION");
  producer_of(*broker.kafka, "p");  // A new one of the same id always works.
  EXPECT_EQ(broker.log.open_transaction_count(), 0U);
  EXPECT_THAT(broker.committed("out"), IsEmpty());
}

TEST(SimKafkaProducer, GroupThatNobodyJoinsNeedsNoMemberAndOneWithMembersDoes) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  const auto producer = producer_of(*broker.kafka, "p");
  kafka::ConsumerSettings nobody;
  nobody.group = "job.0.weir";
  producer->send_offsets({{kOut, {1, "n=1"}}}, "job.0.weir", nullptr, kNoWait);
  EXPECT_EQ(failure_of([&] { broker.kafka->committed_of(nobody, {kOut}, kNoWait); }),
            "retriable UNSTABLE_OFFSET_COMMIT");
  producer->commit_transaction(kNoWait);
  EXPECT_THAT(broker.kafka->committed_of(nobody, {kOut}, kNoWait),
              ElementsAre(Pair(kOut, kafka::CommittedOffset{1, "n=1"})));
  producer->begin_transaction();
  EXPECT_EQ(failure_of([&] {
              producer->send_offsets({{kIn, {1, ""}}}, "g", nullptr, kNoWait);
            }),
            "failed UNKNOWN_MEMBER_ID");
}

TEST(SimKafkaProducer, SuccessorFencesAndAbortsWhatWasOpen) {
  Broker broker;
  const auto zombie = producer_of(*broker.kafka, "p");
  produce(*zombie, {"a"});
  zombie->flush(kNoWait);
  const auto successor = producer_of(*broker.kafka, "p");
  EXPECT_EQ(broker.log.open_transaction_count(), 0U);
  EXPECT_EQ(failure_of([&] { zombie->commit_transaction(kNoWait); }),
            "fenced INVALID_PRODUCER_EPOCH");
  EXPECT_EQ(failure_of([&] { produce(*zombie, {"b"}); }), "fenced INVALID_PRODUCER_EPOCH");
  EXPECT_THAT(broker.committed("out"), IsEmpty());
}

TEST(SimKafkaProducer, CommitWhoseAnswerIsMissingIsAskedAgain) {
  for (const auto fault : {&LogFaults::commit_undecided, &LogFaults::commit_unfinished,
                           &LogFaults::commit_answer_lost}) {
    Broker broker;
    const auto producer = producer_of(*broker.kafka, "p");
    produce(*producer, {"a"});
    LogFaults faults;
    faults.*fault = 1;
    broker.log.set_faults(faults);
    EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }), "retriable _TIMED_OUT");
    EXPECT_EQ(failure_of([&] { produce(*producer, {"b"}); }), "failed _STATE");
    broker.log.set_faults({});
    EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }), "");
    EXPECT_THAT(broker.committed("out"), ElementsAre("a"));
  }
}

TEST(SimKafkaProducer, RefusedCommitAndFencingAreTheEndOfTheProducer) {
  const std::vector<std::pair<double LogFaults::*, std::string>> faults{
      {&LogFaults::commit_refused, "failed TRANSACTION_ABORTABLE"},
      {&LogFaults::fenced, "fenced INVALID_PRODUCER_EPOCH"}};
  for (const auto& [fault, expected] : faults) {
    Broker broker;
    const auto producer = producer_of(*broker.kafka, "p");
    produce(*producer, {"a"});
    LogFaults wanted;
    wanted.*fault = 1;
    broker.log.set_faults(wanted);
    EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }), expected);
    broker.log.set_faults({});
    EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }), expected);
    EXPECT_EQ(failure_of([&] { producer_of(*broker.kafka, "p"); }), "");
    EXPECT_THAT(broker.committed("out"), IsEmpty());
  }
}

TEST(SimKafkaProducer, TransactionThatRunsOutOfTimeIsAbortedByTheBroker) {
  Broker broker;
  kafka::ProducerSettings settings;
  settings.transaction_timeout = Duration{1'000};
  const auto producer = producer_of(*broker.kafka, "p", std::move(settings));
  produce(*producer, {"a"});
  producer->flush(kNoWait);
  broker.clock.advance(Duration{1'000});
  EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }),
            "fenced INVALID_PRODUCER_EPOCH");
  EXPECT_THAT(broker.committed("out"), IsEmpty());
}

TEST(SimKafkaProducer, FailedDeliveryIsToldOnceAndEndsTheTransaction) {
  Broker broker;
  std::vector<std::string> told;
  kafka::ProducerSettings settings;
  settings.on_delivery_error = [&](const kafka::KafkaError& error) {
    told.push_back(error.code());
  };
  const auto producer = producer_of(*broker.kafka, "p", std::move(settings));
  produce(*producer, {"a"});
  broker.log.set_faults({.append_fails = 1});
  for (int i = 0; i < 100 && told.empty(); ++i) broker.kafka->step();
  for (int i = 0; i < 10; ++i) broker.kafka->step();
  EXPECT_THAT(told, ElementsAre("TRANSACTION_ABORTABLE"));
  EXPECT_EQ(failure_of([&] { produce(*producer, {"b"}); }), "failed TRANSACTION_ABORTABLE");
  EXPECT_EQ(failure_of([&] { producer->flush(kNoWait); }), "failed TRANSACTION_ABORTABLE");
  EXPECT_EQ(failure_of([&] { producer->commit_transaction(kNoWait); }),
            "failed TRANSACTION_ABORTABLE");
}

TEST(SimKafkaProducer, RecordsThatFailedOutsideATransactionMayBeThereAllTheSame) {
  std::size_t present = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Broker broker{{.seed = seed}};
    const auto producer = producer_of(*broker.kafka, "");
    produce(*producer, {"a"});
    broker.log.set_faults({.append_fails = 1});
    EXPECT_EQ(failure_of([&] { producer->flush(kNoWait); }), "failed _MSG_TIMED_OUT");
    present += broker.committed("out").size();
  }
  EXPECT_GT(present, 0U);
  EXPECT_LT(present, 20U);
}

TEST(SimKafkaProducer, DeadProcessLeavesItsTransactionToTheNextOne) {
  Broker broker;
  const auto dead = producer_of(*broker.kafka, "p");
  produce(*dead, {"a"});
  dead->flush(kNoWait);
  broker.effects.restart();
  EXPECT_THROW(produce(*dead, {"b"}), SimulatedCrash);
  EXPECT_THROW(dead->commit_transaction(kNoWait), SimulatedCrash);
  for (int i = 0; i < 20; ++i) broker.kafka->step();
  EXPECT_EQ(broker.log.open_transaction_count(), 1U);
  producer_of(*broker.kafka, "p");
  EXPECT_EQ(broker.log.open_transaction_count(), 0U);
  EXPECT_THAT(broker.committed("out"), IsEmpty());
}

TEST(SimKafkaProducer, ProcessMayDieOfWhatItsClientDoesMeanwhile) {
  Broker broker;
  const auto producer = producer_of(*broker.kafka, "p");
  produce(*producer, {"a"});
  broker.effects.crash_at(2);
  EXPECT_THROW(
      {
        for (int i = 0; i < 100; ++i) broker.kafka->step();
      },
      SimulatedCrash);
  EXPECT_EQ(broker.effects.last(), "2: produce to out/0");
  EXPECT_FALSE(broker.kafka->step());
}

TEST(SimKafkaProducer, UnknownTopicsAndBadNumbersAreErrors) {
  Broker broker;
  const auto producer = broker.kafka->make_producer({});
  EXPECT_EQ(failure_of([&] { producer->add_topic("nowhere", kNoWait); }),
            "failed UNKNOWN_TOPIC_OR_PART");
  EXPECT_EQ(producer->add_topic("out", kNoWait), 2);
  kafka::ProducerSettings settings;
  settings.config["queue.buffering.max.messages"] = "many";
  EXPECT_EQ(failure_of([&] { broker.kafka->make_producer(settings); }), "refused _INVALID_ARG");
}

TEST(SimKafka, CallsFailAsOrdered) {
  Broker broker;
  broker.kafka->fail(KafkaCall::init_transactions, 2, kafka::KafkaError::Kind::retriable,
                     "_TIMED_OUT");
  kafka::ProducerSettings settings;
  settings.transactional_id = "p";
  const auto producer = broker.kafka->make_producer(settings);
  for (const std::string expected : {"retriable _TIMED_OUT", "retriable _TIMED_OUT", ""}) {
    EXPECT_EQ(failure_of([&] { producer->init_transactions(kNoWait); }), expected);
  }
}

}  // namespace
}  // namespace weir::testing
