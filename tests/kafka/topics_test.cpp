// SPDX-License-Identifier: Apache-2.0
// Goal: what tests do to topics from outside of weir has the effect that the test counts on.
#include "kafka/topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "kafka/shared_broker.hpp"

namespace kafka_test {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

using Topics = BrokerTest;

TEST_F(Topics, HaveTheirPartitionsAndGrow) {
  const std::string topic = unique("facts");
  create_topic(client(), topic, {.partitions = 2});
  EXPECT_THAT(offsets_of(client(), topic), ElementsAre(Offsets{0, 0}, Offsets{0, 0}));

  grow_topic(client(), topic, 3);

  EXPECT_THAT(offsets_of(client(), topic), SizeIs(3));
}

TEST_F(Topics, KeepAllThatARecordConsistsOf) {
  const std::string topic = unique("facts");
  create_topic(client(), topic, {.partitions = 2});

  produce(client(), topic,
          {{.key = "k",
            .value = "v",
            .partition = 1,
            .time_ms = 1234,
            .headers = {{"h", "1"}, {"h", "2"}, {"none", std::nullopt}}},
           {.key = "gone", .value = std::nullopt, .partition = 1}});

  const std::vector<Received> records = read_committed(client(), topic);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].partition, 1);
  EXPECT_EQ(records[0].offset, 0);
  EXPECT_EQ(records[0].time_ms, 1234);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  EXPECT_THAT(records[0].headers,
              ElementsAre(Pair("h", "1"), Pair("h", "2"), Pair("none", std::nullopt)));
  EXPECT_EQ(records[1].key, "gone");
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_GT(records[1].time_ms, 1'600'000'000'000);
}

TEST_F(Topics, AreReadToAnEndThatHoldsNoRecord) {
  const std::string topic = unique("facts");
  create_topic(client(), topic);
  TestProducer producer{client(), unique("writer")};
  producer.begin();
  producer.send(topic, {.value = "a"});
  producer.commit();
  producer.begin();
  producer.send(topic, {.value = "b"});
  producer.flush();
  producer.abort();

  EXPECT_THAT(committed_values(client(), topic), ElementsAre("a"));
  EXPECT_THAT(offsets_of(client(), topic), ElementsAre(Offsets{0, 4}));  // Two of them are markers.
}

TEST_F(Topics, StartAfterTheRecordsThatWereDeleted) {
  const std::string topic = unique("facts");
  create_topic(client(), topic);
  produce(client(), topic, {{.value = "a"}, {.value = "b"}, {.value = "c"}});

  delete_records(client(), topic, 0, 2);

  EXPECT_THAT(offsets_of(client(), topic), ElementsAre(Offsets{2, 3}));
  EXPECT_THAT(committed_values(client(), topic), ElementsAre("c"));
}

TEST_F(Topics, ObeyTheirConfigurationAndItsChange) {
  const std::string topic = unique("facts");
  create_topic(client(), topic, {.config = {{"max.message.bytes", "2000"}}});
  const std::vector<Sent> large{{.value = std::string(5000, 'x')}};
  EXPECT_THROW(produce(client(), topic, large), std::runtime_error);

  alter_topic(client(), topic, {{"max.message.bytes", "10000"}});

  produce(client(), topic, large);
  EXPECT_THAT(read_committed(client(), topic), ElementsAre(Field(&Received::offset, 0)));
}

TEST_F(Topics, CompactedOnesGetHoles) {
  const std::string topic = unique("facts");
  create_topic(client(), topic,
               {.config = {{"cleanup.policy", "compact"},
                           {"segment.ms", "100"},
                           {"min.cleanable.dirty.ratio", "0.01"}}});
  std::vector<Sent> changes;
  for (int i = 0; i < 50; ++i) changes.push_back({.key = "k", .value = std::to_string(i)});
  produce(client(), topic, changes);

  // The cleaner leaves the segment alone that is written to: each round begins a new one.
  std::vector<std::string> values = committed_values(client(), topic);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (values.size() >= 50 && std::chrono::steady_clock::now() < until) {
    produce(client(), topic, {{.key = "last", .value = "z"}});
    values = committed_values(client(), topic);
  }

  EXPECT_LT(values.size(), 50U);
  EXPECT_THAT(values, testing::Contains("49"));
}

TEST_F(Topics, GoWhenTheyAreDeleted) {
  const std::string topic = unique("facts");
  create_topic(client(), topic);

  delete_topic(client(), topic);

  EXPECT_THAT(offsets_of(client(), topic), SizeIs(0));
  EXPECT_THROW(delete_topic(client(), topic), std::runtime_error);
}

TEST_F(Topics, ARefusedOneIsNamedWithTheReason) {
  const std::string topic = unique("facts");
  try {
    create_topic(client(), topic, {.config = {{"cleanup.policy", "burn"}}});
    FAIL() << "it was made";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(topic));
    EXPECT_THAT(error.what(), HasSubstr("cleanup.policy"));
  }
}

}  // namespace
}  // namespace kafka_test
