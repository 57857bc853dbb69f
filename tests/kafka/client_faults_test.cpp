// SPDX-License-Identifier: Apache-2.0
// Goal: brokers that end, hang, clean up or ask for a password are ridden out, or reported as what
// they are.
// Method: librdkafka behind the door, against brokers that belong to the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/broker.hpp"
#include "kafka/librdkafka/client.hpp"
#include "kafka/member.hpp"
#include "kafka/topics.hpp"

namespace {

using kafka_test::error_in;
using kafka_test::Got;
using kafka_test::KafkaBrokers;
using kafka_test::kLimit;
using kafka_test::Listener;
using kafka_test::Member;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using weir::Duration;
using weir::EventTime;
using weir::kafka::KafkaError;

// Recent, because brokers delete what is old.
const EventTime kTime = kafka_test::now();

class KafkaFaults : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = kafka_test::why_no_kafka()) GTEST_SKIP() << *why;
  }
};

/// Repeats a call while it says that it may be repeated; true when it went through.
template <class Call>
bool repeat(Call call) {
  for (int i = 0; i < 60; ++i) {
    try {
      call();
      return true;
    } catch (const KafkaError& error) {
      if (error.kind() != KafkaError::Kind::retriable) throw;
    }
  }
  return false;
}

TEST_F(KafkaFaults, ABrokerThatIsKilledAmidATransactionIsRiddenOut) {
  KafkaBrokers broker;
  const auto client = broker.client();
  kafka_test::create_topic(client, "out");
  const auto producer = kafka_test::transactional_producer(client, "job.0", "out");
  producer->begin_transaction();
  producer->produce("out", {{.value = "before", .time = kTime}});
  producer->flush(kLimit);

  broker.kill();
  producer->produce("out", {{.value = "meanwhile", .time = kTime}});
  EXPECT_EQ(error_in([&] { producer->flush(Duration{100}); }).kind(), KafkaError::Kind::retriable);
  broker.start();
  producer->produce("out", {{.value = "after", .time = kTime}});

  EXPECT_TRUE(repeat([&] { producer->commit_transaction(Duration{1'000}); }));
  EXPECT_THAT(kafka_test::committed_values(client, "out"),
              ElementsAre("before", "meanwhile", "after"));
}

TEST_F(KafkaFaults, ABrokerThatHangsMakesACommitLastAndNotFail) {
  KafkaBrokers broker;
  const auto client = broker.client();
  kafka_test::create_topic(client, "out");
  const auto producer = kafka_test::transactional_producer(client, "job.0", "out");
  producer->begin_transaction();
  producer->produce("out", {{.value = "a", .time = kTime}});
  producer->flush(kLimit);

  broker.pause();
  EXPECT_EQ(error_in([&] { producer->commit_transaction(Duration{300}); }).kind(),
            KafkaError::Kind::retriable);
  broker.resume();

  EXPECT_TRUE(repeat([&] { producer->commit_transaction(Duration{1'000}); }));
  EXPECT_THAT(kafka_test::committed_values(client, "out"), ElementsAre("a"));
}

TEST_F(KafkaFaults, AReaderGoesOnAfterTheBrokerWasRestarted) {
  KafkaBrokers broker;
  const auto client = broker.client();
  kafka_test::create_topic(client, "in");
  kafka_test::produce(client, "in", {{.value = "a", .partition = 0}});
  auto settings = kafka_test::consumer_settings(client, "job");
  settings.session_timeout = Duration{40'000};  // Longer than the broker is away.
  Member member{std::move(settings)};
  member.join("in");
  member.assign_committed();
  const auto reader = member->reader({"in", 0}, {});
  EXPECT_THAT(values(kafka_test::read_to_end(member, *reader)), ElementsAre("a"));

  broker.kill();
  EXPECT_TRUE(member.poll_until([&] { return !member.errors.empty(); }));
  EXPECT_EQ(member.errors.at(0).kind(), KafkaError::Kind::retriable) << member.errors.at(0).what();
  broker.start();
  kafka_test::produce(client, "in", {{.value = "b", .partition = 0}});

  std::vector<Got> more;
  EXPECT_TRUE(member.poll_until([&] {
    for (Got& record : kafka_test::take(*reader)) more.push_back(record);
    return !more.empty();
  }));
  EXPECT_THAT(values(more), ElementsAre("b"));
  EXPECT_EQ(reader->position(), 2);
}

TEST_F(KafkaFaults, AConsumerEndsThoughItsBrokerHangs) {
  KafkaBrokers broker;
  const auto client = broker.client();
  kafka_test::create_topic(client, "in");
  auto member = std::make_unique<Member>(kafka_test::consumer_settings(client, "job"));
  member->join("in");
  member->assign_committed();
  broker.pause();
  const auto start = std::chrono::steady_clock::now();

  member.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - start, Duration{10'000});
  broker.resume();
}

TEST_F(KafkaFaults, CompactionLeavesHolesThatAreReadAcross) {
  KafkaBrokers broker{{.properties = {"log.cleaner.backoff.ms=50"}}};
  const auto client = broker.client();
  kafka_test::create_topic(client, "in",
                           {.config = {{"cleanup.policy", "compact"},
                                       {"segment.ms", "100"},
                                       {"min.cleanable.dirty.ratio", "0.001"}}});
  constexpr int kRecords = 300;
  kafka_test::TestProducer producer{client};
  for (int i = 0; i < kRecords; ++i) {
    // A segment ends when a record comes that is later; one request each.
    producer.send("in", {.key = "same",
                         .value = std::to_string(i),
                         .partition = 0,
                         .time_ms = kTime.ms() + i * 1'000});
    producer.flush();
  }
  ASSERT_TRUE(repeat([&] {
    if (kafka_test::read_committed(client, "in").size() < kRecords / 2) return;
    throw KafkaError{KafkaError::Kind::retriable, "_TEST", "not compacted yet"};
  }));
  Member member{kafka_test::consumer_settings(client, "job")};
  member.join("in");
  member.assign_committed();
  const auto reader = member->reader({"in", 0}, {});

  const std::vector<Got> records = kafka_test::read_to_end(member, *reader);

  EXPECT_LT(records.size(), kRecords / 2);
  EXPECT_EQ(records.back().value, std::to_string(kRecords - 1));
  EXPECT_EQ(records.back().offset, kRecords - 1);
  EXPECT_EQ(reader->position(), kRecords);
}

TEST_F(KafkaFaults, PasswordsWorkAndWrongOnesAreRefusedAndNotRepeated) {
  KafkaBrokers broker{{.secure = true}};
  auto client = broker.client(Listener::sasl_ssl);
  kafka_test::create_topic(client, "in");
  {
    const auto producer = kafka_test::transactional_producer(client, "job.0", "in");
    producer->begin_transaction();
    producer->produce("in", {{.value = "a", .time = kTime}});
    producer->commit_transaction(kLimit);
  }
  Member member{kafka_test::consumer_settings(client, "job")};
  member.join("in");
  member.assign_committed();
  const auto reader = member->reader({"in", 0}, {});
  EXPECT_THAT(values(kafka_test::read_to_end(member, *reader)), ElementsAre("a"));

  client["sasl.password"] = "hunter2-and-more";
  Member stranger{kafka_test::consumer_settings(client, "job")};
  stranger->subscribe({"in"});
  const auto is_refused = [&] {
    for (const KafkaError& error : stranger.errors) {
      EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
      if (error.kind() == KafkaError::Kind::refused) return true;
    }
    return false;
  };
  EXPECT_TRUE(stranger.poll_until(is_refused));
}

}  // namespace
