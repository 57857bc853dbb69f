// SPDX-License-Identifier: Apache-2.0
// Goal: the brokers that other tests stand on do what a test does to them, and lose nothing by it.
#include "kafka/broker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "kafka/process.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace kafka_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// Whether a broker answers a client within so many milliseconds.
bool answers(const ClientSettings& settings, int timeout_ms) {
  const Handle client = make_client(RD_KAFKA_PRODUCER, settings);
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client.get(), 0, nullptr, &metadata, timeout_ms);
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void commit_values(const ClientSettings& client, const std::string& topic,
                   const std::vector<std::string>& values) {
  TestProducer producer{client, "writer"};
  producer.begin();
  for (const std::string& value : values) producer.send(topic, {.value = value});
  producer.commit();
}

/// On each version that is promised to work.
class EachVersion : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const auto why = why_no_kafka(GetParam())) GTEST_SKIP() << *why;
  }
};

TEST_P(EachVersion, KeepsThroughAKillWhatIsCommittedAndNoMore) {
  KafkaBrokers brokers{{.version = GetParam()}};
  const ClientSettings client = brokers.client();
  create_topic(client, "facts");
  commit_values(client, "facts", {"a", "b"});
  {
    TestProducer producer{client, "writer"};
    producer.begin();
    producer.send("facts", {.value = "aborted"});
    producer.flush();
    producer.abort();
    producer.begin();
    producer.send("facts", {.value = "left open"});
    producer.flush();
  }

  brokers.kill();
  EXPECT_FALSE(answers(client, 500));
  brokers.start();

  EXPECT_EQ(brokers.client(), client);
  EXPECT_THROW(read_committed(client, "facts", ReadOptions{.patience_ms = 1000}),
               std::runtime_error);
  EXPECT_THAT(read_committed(client, "facts", ReadOptions{.to_the_end = false}), SizeIs(2));
  commit_values(client, "facts",
                {"c"});  // The same transactional id: this ends what was left open.
  EXPECT_THAT(committed_values(client, "facts"), ElementsAre("a", "b", "c"));
}

INSTANTIATE_TEST_SUITE_P(Kafka, EachVersion, testing::Values("4.3.0", "3.9.2"));

/// A broker of the test's own.
class OwnBroker : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_no_kafka()) GTEST_SKIP() << *why;
  }
};

TEST_F(OwnBroker, AnswersNothingWhilePausedOrStopped) {
  KafkaBrokers brokers;
  const ClientSettings client = brokers.client();
  create_topic(client, "facts");

  brokers.pause();
  EXPECT_FALSE(answers(client, 500));
  brokers.resume();

  commit_values(client, "facts", {"a"});
  EXPECT_THAT(committed_values(client, "facts"), ElementsAre("a"));

  brokers.stop();
  EXPECT_FALSE(answers(client, 500));
  brokers.start();

  EXPECT_THAT(committed_values(client, "facts"), ElementsAre("a"));
}

TEST_F(OwnBroker, TakesSettingsOfTheServer) {
  KafkaBrokers brokers{{.properties = {"transaction.max.timeout.ms=2000"}}};
  ClientSettings client = brokers.client();
  client["transaction.timeout.ms"] = "3000";

  EXPECT_THROW((TestProducer{client, "writer"}), std::runtime_error);
}

TEST_F(OwnBroker, SaysWhatIsWrongWithASetting) {
  try {
    KafkaBrokers brokers{{.properties = {"num.io.threads=none"}}};
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("num.io.threads"));
  }
}

TEST_F(OwnBroker, SpeaksTlsAndAsksForThePassword) {
  KafkaBrokers brokers{{.secure = true}};
  create_topic(brokers.client(), "facts");
  for (const Listener listener : {Listener::ssl, Listener::sasl_plaintext, Listener::sasl_ssl}) {
    produce(brokers.client(listener), "facts", {{.value = "by " + brokers.bootstrap(listener)}});
  }
  EXPECT_EQ(committed_values(brokers.client(), "facts").size(), 3U);

  ClientSettings wrong_password = brokers.client(Listener::sasl_ssl);
  wrong_password["sasl.password"] = "guess";
  EXPECT_FALSE(answers(wrong_password, 1000));
  ClientSettings no_authority = brokers.client(Listener::ssl);
  no_authority.erase("ssl.ca.location");
  EXPECT_FALSE(answers(no_authority, 1000));
}

TEST_F(OwnBroker, DiesWithTheProcessThatStartedIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t process = fork();
  ASSERT_GE(process, 0);
  if (process == 0) {
    const KafkaBrokers brokers;
    const std::string address = brokers.bootstrap() + "\n";
    const bool written = write(ends[1], address.data(), address.size()) > 0;
    raise(SIGKILL);
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  std::string address(100, '\0');
  const ssize_t count = read(ends[0], address.data(), address.size());
  close(ends[0]);
  waitpid(process, nullptr, 0);
  ASSERT_GT(count, 1);
  address.resize(static_cast<std::size_t>(count) - 1);

  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (answers({{"bootstrap.servers", address}}, 200)) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << address << " still lives";
  }
}

TEST_F(OwnBroker, OfThreeOneMayBeKilled) {
  KafkaBrokers brokers{{.brokers = 3}};
  const ClientSettings client = brokers.client();
  create_topic(client, "facts");
  commit_values(client, "facts", {"a"});
  const int leader = leader_of(client, "facts", 0);

  brokers.kill(leader);
  commit_values(client, "facts", {"b"});

  EXPECT_NE(leader_of(client, "facts", 0), leader);
  EXPECT_THAT(committed_values(client, "facts"), ElementsAre("a", "b"));
  brokers.start(leader);
  wait_for_replicas(client);
  brokers.kill(leader % 3 + 1);
  EXPECT_THAT(committed_values(client, "facts"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace kafka_test
