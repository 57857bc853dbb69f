// SPDX-License-Identifier: Apache-2.0
// Goal: records go out in order and as they were given, transactions hold records and offsets
// together, and each failure comes out as what it is.
// Method: librdkafka behind the door, against a real broker; the fixture reads what came of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kafka/librdkafka/client.hpp"
#include "kafka/member.hpp"
#include "kafka/shared_broker.hpp"
#include "kafka/topics.hpp"

namespace {

using kafka_test::BrokerTest;
using kafka_test::error_in;
using kafka_test::kLimit;
using kafka_test::Member;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using weir::Duration;
using weir::EventTime;
using weir::kafka::KafkaError;
using weir::kafka::Producer;
using weir::kafka::RecordToWrite;
using weir::kafka::TopicPartition;

// Recent, because brokers delete what is old.
const EventTime kTime = kafka_test::now();

class KafkaProducer : public BrokerTest {
 protected:
  std::string make_topic(int partitions = 1,
                         const std::map<std::string, std::string>& config = {}) {
    const std::string name = unique("topic");
    kafka_test::create_topic(client(), name, {.partitions = partitions, .config = config});
    return name;
  }

  std::unique_ptr<Producer> plain_producer(const std::string& topic) {
    auto producer =
        weir::kafka::librdkafka_client()->make_producer(kafka_test::producer_settings(client()));
    producer->add_topic(topic, kLimit);
    return producer;
  }

  std::unique_ptr<Producer> transactional(const std::string& id, const std::string& topic) {
    return kafka_test::transactional_producer(client(), id, topic);
  }
};

void produce_one(Producer& producer, const std::string& topic, const std::string& value) {
  ASSERT_EQ(producer.produce(topic, {{.value = value, .time = kTime}}), 1U);
}

TEST_F(KafkaProducer, WritesKeysValuesTimesAndHeadersAsTheyAreGiven) {
  const std::string topic = make_topic(2);
  const auto producer = plain_producer(topic);
  const std::vector<weir::kafka::Header> headers = {
      {"a", "1"}, {"none", std::nullopt}, {"empty", ""}};

  EXPECT_EQ(producer->produce(
                topic, {{.key = "k",
                         .value = "v",
                         .partition = 1,
                         .time = kTime - Duration{1'234},
                         .headers = &headers},
                        {.partition = 1, .time = kTime},
                        {.key = std::string_view{}, .value = "", .partition = 1, .time = kTime}}),
            3U);
  producer->flush(kLimit);

  const auto records = kafka_test::read_committed(client(), topic);
  ASSERT_THAT(records, SizeIs(3));
  EXPECT_EQ(records[0].partition, 1);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  EXPECT_EQ(records[0].time_ms, kTime.ms() - 1'234);
  EXPECT_THAT(records[0].headers,
              ElementsAre(Pair("a", "1"), Pair("none", std::nullopt), Pair("empty", "")));
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[2].key, "");
  EXPECT_EQ(records[2].value, "");
}

TEST_F(KafkaProducer, SaysHowManyPartitionsATopicHas) {
  const std::string topic = make_topic(3);
  EXPECT_EQ(plain_producer(topic)->add_topic(topic, kLimit), 3);
}

TEST_F(KafkaProducer, TheFirstRecordOfATopicIsNotLate) {
  const std::string topic = make_topic();
  const auto producer = plain_producer(topic);
  const auto start = std::chrono::steady_clock::now();

  produce_one(*producer, topic, "first");
  producer->flush(kLimit);

  EXPECT_LT(std::chrono::steady_clock::now() - start, Duration{200});
}

TEST_F(KafkaProducer, ATransactionHoldsRecordsAndOffsetsTogether) {
  const std::string from = make_topic();
  const std::string to = make_topic();
  const std::string group = unique("group");
  Member member{kafka_test::consumer_settings(client(), group)};
  member.join(from);
  const auto producer = transactional(unique("id"), to);
  producer->begin_transaction();
  produce_one(*producer, to, "a");
  producer->send_offsets({{{from, 0}, {.offset = 3, .metadata = "v1;t=1;i=0;n=7"}}}, group,
                         member->group_metadata(), kLimit);
  producer->flush(kLimit);
  EXPECT_THAT(kafka_test::read_committed(client(), to, {.to_the_end = false}), IsEmpty());

  producer->commit_transaction(kLimit);

  EXPECT_THAT(kafka_test::committed_values(client(), to), ElementsAre("a"));
  EXPECT_THAT(
      member->committed({{from, 0}}, kLimit),
      ElementsAre(Pair(TopicPartition{from, 0},
                       weir::kafka::CommittedOffset{.offset = 3, .metadata = "v1;t=1;i=0;n=7"})));
}

TEST_F(KafkaProducer, TransactionsFollowEachOther) {
  const std::string topic = make_topic();
  const auto producer = transactional(unique("id"), topic);
  std::vector<std::string> expected;

  for (int i = 0; i < 20; ++i) {
    producer->begin_transaction();
    expected.push_back(std::to_string(i));
    produce_one(*producer, topic, expected.back());
    producer->commit_transaction(kLimit);
  }

  EXPECT_EQ(kafka_test::committed_values(client(), topic), expected);
}

TEST_F(KafkaProducer, ASecondOneWithTheSameIdFencesTheFirstAndTakesItsRecordsBack) {
  const std::string topic = make_topic();
  const std::string id = unique("id");
  const auto first = transactional(id, topic);
  first->begin_transaction();
  produce_one(*first, topic, "zombie");
  first->flush(kLimit);

  const auto second = transactional(id, topic);
  second->begin_transaction();
  produce_one(*second, topic, "successor");
  second->commit_transaction(kLimit);

  EXPECT_EQ(error_in([&] { first->commit_transaction(kLimit); }).kind(), KafkaError::Kind::fenced);
  EXPECT_EQ(error_in([&] { first->begin_transaction(); }).kind(), KafkaError::Kind::fenced);
  EXPECT_THAT(kafka_test::committed_values(client(), topic), ElementsAre("successor"));
}

TEST_F(KafkaProducer, APointerOfAGroupThatNobodyJoinsIsCommittedAndFenced) {
  const std::string topic = make_topic();
  const std::string id = unique("id");
  const std::string group = unique("group") + ".weir";
  const auto settings = kafka_test::consumer_settings(client(), group);
  const auto door = weir::kafka::librdkafka_client();
  const auto pointer = [&] { return door->committed_of(settings, {{topic, 0}}, kLimit); };
  EXPECT_THAT(pointer(), IsEmpty());
  const auto first = transactional(id, topic);
  first->begin_transaction();
  first->send_offsets({{{topic, 0}, {.offset = 0, .metadata = "n=1"}}}, group, nullptr, kLimit);
  first->commit_transaction(kLimit);
  EXPECT_EQ(pointer().at({topic, 0}).metadata, "n=1");

  first->begin_transaction();
  first->send_offsets({{{topic, 0}, {.offset = 0, .metadata = "n=2"}}}, group, nullptr, kLimit);
  const auto second = transactional(id, topic);

  EXPECT_EQ(error_in([&] { first->commit_transaction(kLimit); }).kind(), KafkaError::Kind::fenced);
  EXPECT_EQ(pointer().at({topic, 0}).metadata, "n=1");
}

TEST_F(KafkaProducer, OffsetsOfAnOldGenerationAreNotCommitted) {
  const std::string from = make_topic(2);
  const std::string group = unique("group");
  Member member{kafka_test::consumer_settings(client(), group)};
  member.join(from);
  member.assign_committed();
  const auto old_generation = member->group_metadata();
  Member guest{kafka_test::consumer_settings(client(), group)};
  guest->subscribe({from});
  ASSERT_TRUE(member.poll_until([&] {
    guest->poll(Duration{1});
    if (!member.assigned) member->assign({});
    return guest.assigned && member.assigned && member.assigned->size() == 1;
  }));
  const auto producer = transactional(unique("id"), from);
  producer->begin_transaction();

  const KafkaError error = error_in([&] {
    producer->send_offsets({{{from, 0}, {.offset = 1, .metadata = ""}}}, group, old_generation,
                           kLimit);
  });

  EXPECT_EQ(error.kind(), KafkaError::Kind::failed) << error.what();
  EXPECT_EQ(error.code(), "ILLEGAL_GENERATION");
}

TEST_F(KafkaProducer, AFullQueueTakesLessAndSaysWhenThereIsRoom) {
  constexpr std::size_t kRecords = 20'000;
  const std::string topic = make_topic();
  std::atomic<int> rooms = 0;
  auto settings = kafka_test::producer_settings(client());
  settings.config["queue.buffering.max.messages"] = "1000";
  settings.on_room = [&rooms] {
    ++rooms;
    rooms.notify_one();
  };
  const auto producer = weir::kafka::librdkafka_client()->make_producer(std::move(settings));
  producer->add_topic(topic, kLimit);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kRecords; ++i) values.push_back(std::to_string(i));

  std::size_t sent = 0;
  int refusals = 0;
  while (sent < kRecords) {
    std::vector<RecordToWrite> rest;
    for (std::size_t i = sent; i < std::min(sent + 3'000, kRecords); ++i) {
      rest.push_back({.value = values[i], .time = kTime});
    }
    const int before = rooms;
    const std::size_t taken = producer->produce(topic, rest);
    EXPECT_LE(producer->queued().first, 1'000U);
    sent += taken;
    if (taken < rest.size()) {
      ++refusals;
      rooms.wait(before);  // The limit is that of the test.
    }
  }
  producer->flush(kLimit);

  EXPECT_GE(refusals, 10);
  EXPECT_EQ(kafka_test::committed_values(client(), topic), values);
}

TEST_F(KafkaProducer, SaysWhatIsQueued) {
  const std::string topic = make_topic();
  auto settings = kafka_test::producer_settings(client());
  settings.config["linger.ms"] = "60000";
  const auto producer = weir::kafka::librdkafka_client()->make_producer(std::move(settings));
  producer->add_topic(topic, kLimit);

  producer->produce(topic, {{.key = "1", .value = "234", .time = kTime},
                            {.key = "1", .value = "2345", .time = kTime}});
  EXPECT_EQ(producer->queued(), (std::pair<std::uint64_t, std::uint64_t>{2, 9}));

  producer->flush(kLimit);
  EXPECT_EQ(producer->queued(), (std::pair<std::uint64_t, std::uint64_t>{0, 0}));
}

TEST_F(KafkaProducer, ARecordThatTheClientFindsTooLargeIsRefusedAtOnce) {
  const std::string topic = make_topic();
  const auto producer = plain_producer(topic);
  const std::string large(2'000'000, 'x');

  const KafkaError error =
      error_in([&] { producer->produce(topic, {{.value = large, .time = kTime}}); });

  EXPECT_EQ(error.kind(), KafkaError::Kind::failed);
  EXPECT_EQ(error.code(), "MSG_SIZE_TOO_LARGE");
  EXPECT_THAT(error.what(), HasSubstr("record of 2000000 bytes for " + topic + "/0"));
}

TEST_F(KafkaProducer, ARecordThatTheTopicFindsTooLargeFailsFlushAndCommit) {
  const std::string topic = make_topic(1, {{"max.message.bytes", "1000"}});
  std::vector<std::string> reported;
  std::mutex mutex;
  auto settings = kafka_test::producer_settings(client(), unique("id"));
  settings.on_delivery_error = [&](const KafkaError& error) {
    const std::lock_guard lock{mutex};
    reported.push_back(error.code());
  };
  const auto producer = weir::kafka::librdkafka_client()->make_producer(std::move(settings));
  producer->init_transactions(kLimit);
  producer->add_topic(topic, kLimit);
  producer->begin_transaction();
  const std::string large(5'000, 'x');
  producer->produce(topic, {{.value = large, .time = kTime}});

  const KafkaError on_flush = error_in([&] { producer->flush(kLimit); });
  EXPECT_EQ(on_flush.kind(), KafkaError::Kind::failed);
  EXPECT_EQ(on_flush.code(), "MSG_SIZE_TOO_LARGE");
  EXPECT_THAT(on_flush.what(), HasSubstr("delivery to " + topic + "/0"));
  EXPECT_EQ(error_in([&] { producer->commit_transaction(kLimit); }).code(), "MSG_SIZE_TOO_LARGE");
  EXPECT_EQ(error_in([&] { produce_one(*producer, topic, "later"); }).code(), "MSG_SIZE_TOO_LARGE");
  const std::lock_guard lock{mutex};
  EXPECT_THAT(reported, ElementsAre("MSG_SIZE_TOO_LARGE"));
}

TEST_F(KafkaProducer, APartitionThatDoesNotExistIsRefused) {
  const std::string topic = make_topic(1);
  const auto producer = plain_producer(topic);

  const KafkaError error =
      error_in([&] { producer->produce(topic, {{.value = "v", .partition = 5, .time = kTime}}); });

  EXPECT_EQ(error.kind(), KafkaError::Kind::failed);
  EXPECT_EQ(error.code(), "_UNKNOWN_PARTITION");
}

TEST_F(KafkaProducer, NothingIsTakenOutsideOfATransaction) {
  const std::string topic = make_topic();
  const auto producer = transactional(unique("id"), topic);

  EXPECT_EQ(error_in([&] { produce_one(*producer, topic, "a"); }).code(), "_STATE");
}

TEST_F(KafkaProducer, WhatWasNotSentIsDroppedAtTheEnd) {
  const std::string topic = make_topic();
  auto settings = kafka_test::producer_settings(client());
  settings.config["linger.ms"] = "60000";
  auto producer = weir::kafka::librdkafka_client()->make_producer(std::move(settings));
  producer->add_topic(topic, kLimit);
  produce_one(*producer, topic, "queued");

  producer.reset();

  EXPECT_THAT(kafka_test::committed_values(client(), topic), IsEmpty());
}

}  // namespace
