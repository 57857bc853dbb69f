// SPDX-License-Identifier: Apache-2.0
// Goal: what users may set is handed on, what would break a promise is refused with the reason, and
// no secret is ever repeated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "kafka/librdkafka/client.hpp"
#include "kafka/librdkafka/owned_options.hpp"
#include "kafka/librdkafka/settings.hpp"

namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using weir::Duration;
using weir::kafka::ConsumerSettings;
using weir::kafka::KafkaError;
using weir::kafka::ProducerSettings;
namespace librdkafka = weir::kafka::librdkafka;
using Config = std::map<std::string, std::string>;

constexpr int kVersion_2_0_2 = 0x020002ff;

ConsumerSettings consumer_with(Config config) {
  return {.brokers = "localhost:9092", .group = "job", .config = std::move(config)};
}

ProducerSettings producer_with(Config config) {
  return {.brokers = "localhost:9092", .config = std::move(config)};
}

/// What is thrown, or nothing.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const KafkaError& error) {
    EXPECT_EQ(error.kind(), KafkaError::Kind::refused) << error.what();
    return error.what();
  }
  return "not refused";
}

std::string consumer_refusal(Config config, int version = kVersion_2_0_2) {
  return refusal([&] { librdkafka::consumer_conf(consumer_with(std::move(config)), version); });
}

std::string producer_refusal(Config config, int version = kVersion_2_0_2) {
  return refusal([&] { librdkafka::producer_conf(producer_with(std::move(config)), version); });
}

std::string value_of(const librdkafka::ConfPtr& conf, const std::string& name) {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  EXPECT_EQ(rd_kafka_conf_get(conf.get(), name.c_str(), value.data(), &size), RD_KAFKA_CONF_OK)
      << name;
  return value.data();
}

TEST(KafkaOptions, WeirsOwnAreRefusedWithTheReason) {
  for (const std::string option :
       {"group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
        "isolation.level", "transactional.id", "enable.idempotence", "group.instance.id",
        "partition.assignment.strategy", "enable.partition.eof", "session.timeout.ms",
        "bootstrap.servers", "metadata.broker.list", "transaction.timeout.ms", "enabled_events",
        "delivery.report.only.error", "auto.commit.enable", "group.protocol"}) {
    EXPECT_THAT(consumer_refusal({{option, "1"}}), HasSubstr(option + " is weir's own: "))
        << option;
    EXPECT_THAT(producer_refusal({{option, "1"}}), HasSubstr(option + " is weir's own: "))
        << option;
  }
  EXPECT_THAT(consumer_refusal({{"auto.offset.reset", "earliest"}}),
              HasSubstr("where to start is an option of the source"));
}

TEST(KafkaOptions, OthersAreHandedOn) {
  const Config config = {{"fetch.wait.max.ms", "33"},
                         {"compression.codec", "lz4"},
                         {"client.id", "mine"},
                         {"linger.ms", "77"}};
  const auto consumer = librdkafka::consumer_conf(consumer_with(config), kVersion_2_0_2);
  EXPECT_EQ(value_of(consumer, "fetch.wait.max.ms"), "33");
  EXPECT_EQ(value_of(consumer, "client.id"), "mine");
  const auto producer = librdkafka::producer_conf(producer_with(config), kVersion_2_0_2);
  EXPECT_EQ(value_of(producer, "compression.codec"), "lz4");
  EXPECT_EQ(value_of(producer, "linger.ms"), "77");
}

TEST(KafkaOptions, TopicOptionsMayBeSetAsWell) {
  EXPECT_NO_THROW(librdkafka::producer_conf(
      producer_with({{"request.timeout.ms", "7000"}, {"compression.level", "3"}}), kVersion_2_0_2));
}

TEST(KafkaOptions, WhatLibrdkafkaDoesNotKnowIsRefusedInItsWords) {
  EXPECT_THAT(consumer_refusal({{"fetch.wait.ms.max", "1"}}),
              HasSubstr("fetch.wait.ms.max: No such configuration property"));
  EXPECT_THAT(producer_refusal({{"linger.ms", "soon"}}), HasSubstr("linger.ms: Invalid value"));
}

TEST(KafkaOptions, NoSecretIsRepeated) {
  const std::string secret = "hunter2-and-more";
  for (const std::string option :
       {"sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password",
        "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    EXPECT_TRUE(librdkafka::is_secret(option)) << option;
    EXPECT_THAT(consumer_refusal({{option, secret}, {"zzz", "1"}}), Not(HasSubstr(secret)));
  }
  // One that librdkafka refuses, and whose refusal it explains by quoting.
  EXPECT_TRUE(librdkafka::is_secret("a.password.of.tomorrow"));
  const std::string text = producer_refusal({{"a.password.of.tomorrow", secret}});
  EXPECT_THAT(text, HasSubstr("a.password.of.tomorrow: librdkafka does not take this value"));
  EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST(KafkaOptions, ScramIsRefusedWhereItCannotWork) {
  const Config config = {{"sasl.mechanism", "SCRAM-SHA-512"},
                         {"sasl.username", "u"},
                         {"sasl.password", "hunter2-and-more"}};
  const std::string text = consumer_refusal(config);
  EXPECT_THAT(text, HasSubstr("SCRAM-SHA-512 does not work with librdkafka 2.0.2"));
  EXPECT_THAT(text, HasSubstr("use PLAIN over TLS"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2-and-more")));
  EXPECT_THAT(producer_refusal({{"sasl.mechanisms", "scram-sha-256"}}),
              HasSubstr("SCRAM-SHA-256 does not work"));
  EXPECT_NO_THROW(librdkafka::check_options(config, librdkafka::kVersion_2_6_1));
  EXPECT_NO_THROW(librdkafka::check_options({{"sasl.mechanism", "PLAIN"}}, kVersion_2_0_2));
}

TEST(KafkaOptions, BrokersAndGroupMustBeGiven) {
  EXPECT_THAT(
      refusal([] { librdkafka::consumer_conf({.brokers = "", .group = "job"}, kVersion_2_0_2); }),
      HasSubstr("brokers is empty"));
  EXPECT_THAT(
      refusal([] { librdkafka::consumer_conf({.brokers = "a:1", .group = ""}, kVersion_2_0_2); }),
      HasSubstr("group is empty"));
  EXPECT_THAT(refusal([] { librdkafka::producer_conf({.brokers = ""}, kVersion_2_0_2); }),
              HasSubstr("brokers is empty"));
}

TEST(KafkaOptions, AConsumerReadsCommittedRecordsAndCommitsNothingByItself) {
  const auto conf = librdkafka::consumer_conf({.brokers = "localhost:9092",
                                               .group = "job",
                                               .member = "job.0",
                                               .session_timeout = Duration{6'000}},
                                              kVersion_2_0_2);
  EXPECT_EQ(value_of(conf, "group.id"), "job");
  EXPECT_EQ(value_of(conf, "group.instance.id"), "job.0");
  EXPECT_EQ(value_of(conf, "session.timeout.ms"), "6000");
  EXPECT_EQ(value_of(conf, "heartbeat.interval.ms"), "1500");
  EXPECT_EQ(value_of(conf, "isolation.level"), "read_committed");
  EXPECT_EQ(value_of(conf, "enable.auto.commit"), "false");
  EXPECT_EQ(value_of(conf, "enable.auto.offset.store"), "false");
  EXPECT_EQ(value_of(conf, "partition.assignment.strategy"), "range");
  EXPECT_EQ(value_of(conf, "enable.partition.eof"), "true");
}

TEST(KafkaOptions, AProducerIsIdempotentAndTransactionalWhereItHasAnId) {
  const auto plain = librdkafka::producer_conf(producer_with({}), kVersion_2_0_2);
  EXPECT_EQ(value_of(plain, "enable.idempotence"), "true");
  const auto conf = librdkafka::producer_conf({.brokers = "localhost:9092",
                                               .transactional_id = "job.0",
                                               .transaction_timeout = Duration{7'000}},
                                              kVersion_2_0_2);
  EXPECT_EQ(value_of(conf, "transactional.id"), "job.0");
  EXPECT_EQ(value_of(conf, "transaction.timeout.ms"), "7000");
}

TEST(KafkaOptions, PatternsNeverMeanInternalTopics) {
  const auto conf =
      librdkafka::consumer_conf(consumer_with({{"topic.blacklist", "^secret"}}), kVersion_2_0_2);
  EXPECT_EQ(value_of(conf, "topic.blacklist"),
            "^__consumer_offsets$,^__transaction_state$,^secret");
}

TEST(KafkaFetchAhead, IsAnEighthOfTheBoundForEachPartition) {
  EXPECT_EQ(librdkafka::fetch_ahead(std::size_t{64} << 20).bytes, std::size_t{8} << 20);
  EXPECT_EQ(librdkafka::fetch_ahead(std::size_t{64} << 20).records, (std::size_t{8} << 20) / 256);
  EXPECT_EQ(librdkafka::fetch_ahead(1'000).bytes, std::size_t{1} << 20);
  EXPECT_EQ(librdkafka::fetch_ahead(std::size_t{1} << 40).bytes, std::size_t{1} << 30);
}

TEST(KafkaNotes, AreThoseOfTheVersion) {
  EXPECT_THAT(librdkafka::notes_of(kVersion_2_0_2), Contains(HasSubstr("SCRAM")));
  EXPECT_THAT(librdkafka::notes_of(kVersion_2_0_2), Contains(HasSubstr("librdkafka 2.0.2, ")));
  EXPECT_THAT(librdkafka::notes_of(librdkafka::kVersion_2_6_1), Not(Contains(HasSubstr("SCRAM"))));
  EXPECT_THAT(librdkafka::notes_of(librdkafka::kVersion_2_6_1), Contains(HasSubstr("2.10.1")));
  EXPECT_THAT(librdkafka::notes_of(0x030000ff), IsEmpty());
  EXPECT_EQ(librdkafka::version_text(0x020a01ff), "2.10.1");
}

TEST(KafkaFaults, RefuseVersionsThatLoseRecords) {
  EXPECT_THAT(librdkafka::faults_of(kVersion_2_0_2), IsEmpty());
  EXPECT_THAT(librdkafka::faults_of(librdkafka::kVersion_2_2_0), Contains(HasSubstr("2.5.0")));
  EXPECT_THAT(librdkafka::faults_of(0x020401ff), Contains(HasSubstr("2.4.1")));
  EXPECT_THAT(librdkafka::faults_of(0x020500ff), IsEmpty());
  EXPECT_THAT(librdkafka::faults_of(0x010900ff), Contains(HasSubstr("2.0.0")));
}

// Nothing listens on port 1.

TEST(KafkaClientAlone, AConsumerWithoutABrokerAnswersInTimeAndEnds) {
  const auto client = weir::kafka::librdkafka_client();
  std::vector<std::string> errors;
  const auto consumer = client->make_consumer({.brokers = "localhost:1",
                                               .group = "job",
                                               .events = {.on_error = [&](const KafkaError& error) {
                                                 errors.emplace_back(error.what());
                                               }}});
  consumer->subscribe({"clicks"});
  try {
    consumer->committed({{"clicks", 0}}, Duration{200});
    FAIL() << "there is no broker";
  } catch (const KafkaError& error) {
    EXPECT_EQ(error.kind(), KafkaError::Kind::retriable) << error.what();
  }
  for (int i = 0; i < 100 && errors.empty(); ++i) consumer->poll(Duration{50});
  EXPECT_THAT(errors, Contains(HasSubstr("_TRANSPORT")));
  consumer->close();
}

TEST(KafkaClientAlone, AProducerWithoutABrokerAnswersInTimeAndEnds) {
  const auto producer = weir::kafka::librdkafka_client()->make_producer(
      {.brokers = "localhost:1", .transactional_id = "job.0"});
  try {
    producer->init_transactions(Duration{200});
    FAIL() << "there is no broker";
  } catch (const KafkaError& error) {
    EXPECT_EQ(error.kind(), KafkaError::Kind::retriable) << error.what();
  }
}

TEST(KafkaClientAlone, WhatLibrdkafkaRefusesAtTheStartIsRefused) {
  EXPECT_THAT(refusal([] {
                weir::kafka::librdkafka_client()->make_producer(
                    producer_with({{"max.in.flight.requests.per.connection", "100"}}));
              }),
              HasSubstr("max.in.flight"));
}

}  // namespace
