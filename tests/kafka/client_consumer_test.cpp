// SPDX-License-Identifier: Apache-2.0
// Goal: a member of a group reads each partition by itself, knows where it is and where the end is,
// and hears of what happens.
// Method: librdkafka behind the door, against a real broker; others write and take part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kafka/librdkafka/client.hpp"
#include "kafka/member.hpp"
#include "kafka/shared_broker.hpp"
#include "kafka/topics.hpp"

namespace {

using kafka_test::BrokerTest;
using kafka_test::Got;
using kafka_test::kLimit;
using kafka_test::Member;
using kafka_test::TestProducer;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using weir::Duration;
using weir::EventTime;
using weir::kafka::KafkaError;
using weir::kafka::TopicPartition;

class KafkaConsumer : public BrokerTest {
 protected:
  std::string make_topic(int partitions = 1) {
    const std::string name = unique("topic");
    kafka_test::create_topic(client(), name, {.partitions = partitions});
    return name;
  }

  void write(const std::string& topic, const std::vector<std::string>& values, int partition = 0) {
    std::vector<kafka_test::Sent> records;
    for (const std::string& value : values) {
      records.push_back({.value = value, .partition = partition});
    }
    kafka_test::produce(client(), topic, records);
  }

  /// A member that has all partitions of the topic, and reads them from the start.
  std::unique_ptr<Member> reader_of(const std::string& topic) {
    auto member =
        std::make_unique<Member>(kafka_test::consumer_settings(client(), unique("group")));
    member->join(topic);
    member->assign_committed();
    return member;
  }
};

TEST_F(KafkaConsumer, ReadsKeysValuesTimesAndHeadersAsTheyWereWritten) {
  const std::string topic = make_topic();
  const std::int64_t time_ms = kafka_test::now().ms() - 1'234;
  kafka_test::produce(client(), topic,
                      {{.key = "k",
                        .value = "v",
                        .partition = 0,
                        .time_ms = time_ms,
                        .headers = {{"a", "1"}, {"none", std::nullopt}, {"empty", ""}}},
                       {.key = std::nullopt, .value = std::nullopt, .partition = 0},
                       {.key = "", .value = "", .partition = 0}});
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});

  const std::vector<Got> records = kafka_test::read_to_end(*member, *reader);

  ASSERT_THAT(records, SizeIs(3));
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  EXPECT_EQ(records[0].time_ms, time_ms);
  EXPECT_THAT(records[0].headers,
              ElementsAre(Pair("a", "1"), Pair("none", std::nullopt), Pair("empty", "")));
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[2].key, "");
  EXPECT_EQ(records[2].value, "");
  EXPECT_EQ(records[2].offset, 2);
}

TEST_F(KafkaConsumer, TheEndIsBehindTheMarkerOfACommit) {
  const std::string topic = make_topic();
  TestProducer producer{client(), unique("id")};
  producer.begin();
  producer.send(topic, {.value = "a", .partition = 0});
  producer.send(topic, {.value = "b", .partition = 0});
  producer.commit();
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});
  EXPECT_FALSE(reader->is_at_end());

  EXPECT_THAT(values(kafka_test::read_to_end(*member, *reader)), ElementsAre("a", "b"));

  EXPECT_EQ(reader->position(), 3);
  EXPECT_EQ(reader->end_offset(), 3);
}

TEST_F(KafkaConsumer, TheEndIsBehindAnAbortedTransaction) {
  const std::string topic = make_topic();
  write(topic, {"before"});
  TestProducer producer{client(), unique("id")};
  producer.begin();
  producer.send(topic, {.value = "never", .partition = 0});
  producer.send(topic, {.value = "ever", .partition = 0});
  producer.flush();
  producer.abort();
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});

  EXPECT_THAT(values(kafka_test::read_to_end(*member, *reader)), ElementsAre("before"));

  EXPECT_EQ(reader->position(), 4);
}

TEST_F(KafkaConsumer, AnOpenTransactionIsTheEndUntilItIsCommitted) {
  const std::string topic = make_topic();
  write(topic, {"before"});
  TestProducer producer{client(), unique("id")};
  producer.begin();
  producer.send(topic, {.value = "open", .partition = 0});
  producer.flush();
  write(topic, {"behind"});
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});

  EXPECT_THAT(values(kafka_test::read_to_end(*member, *reader)), ElementsAre("before"));
  EXPECT_EQ(reader->position(), 1);
  EXPECT_EQ((*member)->offset_range({topic, 0}, kLimit),
            (std::pair<std::int64_t, std::int64_t>{0, 1}));

  producer.commit();
  std::vector<Got> later;
  EXPECT_TRUE(member->poll_until([&] {
    for (Got& record : kafka_test::take(*reader)) later.push_back(record);
    return later.size() == 2 && reader->is_at_end();
  }));
  EXPECT_THAT(values(later), ElementsAre("open", "behind"));
  EXPECT_EQ(reader->position(), 4);
  EXPECT_EQ((*member)->offset_range({topic, 0}, kLimit).second, 4);
}

TEST_F(KafkaConsumer, WakesForWhatComes) {
  constexpr int kRecords = 200;
  const std::string topic = make_topic();
  const auto member = reader_of(topic);
  std::atomic<int> wakes = 0;
  const auto reader = (*member)->reader({topic, 0}, [&wakes] {
    ++wakes;
    wakes.notify_one();
  });
  std::jthread writer{[&] {
    TestProducer producer{client()};
    for (int i = 0; i < kRecords; ++i) {
      producer.send(topic, {.value = std::to_string(i), .partition = 0});
      producer.flush();
    }
  }};

  // Nothing is fetched that was not announced.
  int seen = 0;
  std::size_t fetched = 0;
  EXPECT_TRUE(member->poll_until([&] {
    if (const int now = wakes; now != seen) {
      seen = now;
      fetched += kafka_test::take(*reader).size();
    }
    return fetched == kRecords;
  }));
  EXPECT_EQ(reader->position(), kRecords);
}

TEST_F(KafkaConsumer, TakesNoMoreThanItIsAskedFor) {
  const std::string topic = make_topic();
  write(topic, {"a", "b", "c"});
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});
  std::unique_ptr<weir::kafka::FetchedRecords> first;

  EXPECT_TRUE(member->poll_until([&] { return (first = reader->fetch(2)) != nullptr; }));

  EXPECT_LE(first->records().size(), 2U);
  EXPECT_FALSE(reader->is_at_end());
  const std::size_t rest = kafka_test::read_to_end(*member, *reader).size();
  EXPECT_EQ(first->records().size() + rest, 3U);
}

TEST_F(KafkaConsumer, AssignedAnewItReadsFromThereAgain) {
  const std::string topic = make_topic();
  write(topic, {"a", "b", "c", "d"});
  const auto member = reader_of(topic);
  auto reader = (*member)->reader({topic, 0}, {});
  EXPECT_THAT(kafka_test::read_to_end(*member, *reader), SizeIs(4));

  for (int round = 0; round < 20; ++round) {
    reader.reset();
    (*member)->assign({{{topic, 0}, 2}});
    reader = (*member)->reader({topic, 0}, {});
    EXPECT_EQ(reader->position(), 2);
    ASSERT_THAT(values(kafka_test::read_to_end(*member, *reader)), ElementsAre("c", "d"));
  }
}

TEST_F(KafkaConsumer, APartitionThatIsHeldBackIsReadLaterFromWhereItWas) {
  const std::string topic = make_topic(2);
  write(topic, {"a"}, 0);
  const auto member = reader_of(topic);
  const auto first = (*member)->reader({topic, 0}, {});
  const auto second = (*member)->reader({topic, 1}, {});
  EXPECT_THAT(values(kafka_test::read_to_end(*member, *first)), ElementsAre("a"));
  write(topic, {"x", "y"}, 1);
  write(topic, {"b"}, 0);
  std::vector<Got> more;
  EXPECT_TRUE(member->poll_until([&] {
    for (Got& record : kafka_test::take(*first)) more.push_back(record);
    return !more.empty();
  }));

  EXPECT_EQ(second->position(), 0);
  EXPECT_THAT(values(kafka_test::read_to_end(*member, *second)), ElementsAre("x", "y"));
}

TEST_F(KafkaConsumer, AnOffsetThatIsGoneEndsTheReading) {
  const std::string topic = make_topic();
  write(topic, {"a", "b", "c"});
  kafka_test::delete_records(client(), topic, 0, 2);
  const auto member = reader_of(topic);
  const auto reader = (*member)->reader({topic, 0}, {});
  std::optional<KafkaError> failure;

  EXPECT_TRUE(member->poll_until([&] {
    try {
      reader->fetch(10);
    } catch (const KafkaError& error) {
      failure = error;
    }
    return failure.has_value();
  }));

  EXPECT_EQ(failure->kind(), KafkaError::Kind::failed);
  EXPECT_EQ(failure->code(), "_AUTO_OFFSET_RESET");
  EXPECT_THAT(failure->what(), HasSubstr(topic + "/0"));
}

TEST_F(KafkaConsumer, WhatWasFetchedOutlivesReaderAndConsumer) {
  const std::string topic = make_topic();
  write(topic, {"kept"});
  auto member = reader_of(topic);
  auto reader = (*member)->reader({topic, 0}, {});
  std::unique_ptr<weir::kafka::FetchedRecords> fetched;
  ASSERT_TRUE(member->poll_until([&] { return (fetched = reader->fetch(1)) != nullptr; }));

  reader.reset();
  member.reset();  // Would wait for ever for the record, if it ended librdkafka.

  EXPECT_EQ(fetched->records()[0].value, "kept");
  std::jthread{[&fetched] { fetched.reset(); }}.join();
}

TEST_F(KafkaConsumer, CommittedOffsetsWaitForAnOpenTransaction) {
  const std::string topic = make_topic();
  const std::string group = unique("group");
  Member member{kafka_test::consumer_settings(client(), group)};
  member.join(topic);
  member->commit({{{topic, 0}, {.offset = 5, .metadata = "plain"}}}, kLimit);
  const auto producer = kafka_test::transactional_producer(client(), unique("id"), topic);
  producer->begin_transaction();
  producer->send_offsets({{{topic, 0}, {.offset = 7, .metadata = "v1;n=1"}}}, group,
                         member->group_metadata(), kLimit);

  const KafkaError error = kafka_test::error_in([&] {
    member->committed({{topic, 0}}, Duration{300});
  });
  EXPECT_EQ(error.kind(), KafkaError::Kind::retriable);

  producer->commit_transaction(kLimit);
  const weir::kafka::CommittedOffsets settled = member->committed({{topic, 0}}, kLimit);
  EXPECT_EQ(settled.at({topic, 0}).offset, 7);
  EXPECT_EQ(settled.at({topic, 0}).metadata, "v1;n=1");
}

TEST_F(KafkaConsumer, PartitionsWithoutACommittedOffsetAreLeftOut) {
  const std::string topic = make_topic(3);
  Member member{kafka_test::consumer_settings(client(), unique("group"))};
  member.join(topic);

  member->commit({{{topic, 1}, {.offset = 4, .metadata = ""}}}, kLimit);

  EXPECT_THAT(member->committed(*member.assigned, kLimit),
              ElementsAre(Pair(TopicPartition{topic, 1},
                               weir::kafka::CommittedOffset{.offset = 4, .metadata = ""})));
}

TEST_F(KafkaConsumer, FindsPartitionsByNameAndByPattern) {
  const std::string topic = make_topic(2);
  Member member{kafka_test::consumer_settings(client(), unique("group"))};

  EXPECT_THAT(member->partitions({topic, unique("none")}, kLimit),
              ElementsAre(TopicPartition{topic, 0}, TopicPartition{topic, 1}));
  EXPECT_THAT(member->partitions({"^" + topic.substr(0, topic.size() - 1) + ".$"}, kLimit),
              ElementsAre(TopicPartition{topic, 0}, TopicPartition{topic, 1}));
  EXPECT_THAT(member->partitions({"^__"}, kLimit), IsEmpty());
  EXPECT_EQ(kafka_test::error_in([&] { member->partitions({"^("}, kLimit); }).kind(),
            KafkaError::Kind::refused);
}

TEST_F(KafkaConsumer, APatternIsSubscribedToAsItIsResolved) {
  const std::string topic = make_topic(2);
  Member member{kafka_test::consumer_settings(client(), unique("group"))};

  member.join("^" + topic + "$");

  EXPECT_THAT(*member.assigned, ElementsAre(TopicPartition{topic, 0}, TopicPartition{topic, 1}));
}

TEST_F(KafkaConsumer, FindsOffsetsByTime) {
  const std::string topic = make_topic();
  const EventTime start = kafka_test::now();
  kafka_test::produce(client(), topic,
                      {{.value = "a", .partition = 0, .time_ms = start.ms() + 1'000},
                       {.value = "b", .partition = 0, .time_ms = start.ms() + 2'000},
                       {.value = "c", .partition = 0, .time_ms = start.ms() + 3'000}});
  Member member{kafka_test::consumer_settings(client(), unique("group"))};

  EXPECT_EQ(member->offset_at({topic, 0}, start + Duration{1'500}, kLimit), 1);
  EXPECT_EQ(member->offset_at({topic, 0}, start + Duration{3'000}, kLimit), 2);
  EXPECT_EQ(member->offset_at({topic, 0}, start + Duration{3'001}, kLimit), std::nullopt);
  EXPECT_EQ(member->offset_at({topic, 0}, EventTime::min(), kLimit), 0);
}

TEST_F(KafkaConsumer, ARefusedSessionTimeoutIsReported) {
  const std::string topic = make_topic();
  auto settings = kafka_test::consumer_settings(client(), unique("group"));
  settings.session_timeout = Duration{3'000};
  Member member{std::move(settings)};
  member->subscribe({topic});

  EXPECT_TRUE(member.poll_until([&] { return !member.errors.empty(); }));

  EXPECT_EQ(member.errors.at(0).code(), "INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(member.errors.at(0).kind(), KafkaError::Kind::refused);
}

TEST_F(KafkaConsumer, WhatACallbackThrowsComesOutOfPoll) {
  const std::string topic = make_topic();
  weir::kafka::ConsumerSettings settings = kafka_test::consumer_settings(client(), unique("group"));
  settings.events.on_assigned = [](const std::vector<TopicPartition>&) {
    throw std::runtime_error{"thrown within"};
  };
  const auto consumer = weir::kafka::librdkafka_client()->make_consumer(std::move(settings));
  consumer->subscribe({topic});

  EXPECT_THROW(
      {
        for (int i = 0; i < 300; ++i) consumer->poll(Duration{100});
      },
      std::runtime_error);
}

TEST_F(KafkaConsumer, StatisticsComeWhenTheyAreAskedFor) {
  auto settings = kafka_test::consumer_settings(client(), unique("group"));
  settings.config["statistics.interval.ms"] = "50";
  std::string statistics;
  settings.events.on_statistics = [&](const std::string& json) { statistics = json; };
  const auto consumer = weir::kafka::librdkafka_client()->make_consumer(std::move(settings));

  for (int i = 0; i < 100 && statistics.empty(); ++i) consumer->poll(Duration{50});

  EXPECT_THAT(statistics, HasSubstr("\"client_id\": \"weir\""));
}

}  // namespace
