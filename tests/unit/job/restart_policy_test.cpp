// SPDX-License-Identifier: Apache-2.0
#include "job/restart_policy.hpp"

#include <gtest/gtest.h>

#include "weir/error.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::detail {
namespace {

using namespace std::chrono_literals;
using kafka::KafkaError;

template <class E>
std::exception_ptr error(const std::string& text) {
  return std::make_exception_ptr(E{text});
}

TEST(RestartPolicy, WithoutAttemptsTheFirstFailureEndsTheJob) {
  RestartPolicy policy{{}};
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), std::nullopt);
}

TEST(RestartPolicy, DelaysDoubleUpToTheirLimit) {
  RestartPolicy policy{{.attempt_count_max = 4, .delay = 1s, .delay_max = 3s}};
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), Duration{1'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), Duration{2'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), Duration{3'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), Duration{3'000});
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), std::nullopt);
}

TEST(RestartPolicy, ACommittedCheckpointStartsTheCountAnew) {
  RestartPolicy policy{{.attempt_count_max = 1, .delay = 1s}};
  EXPECT_TRUE(policy.on_failure(error<IoError>("disk"), 0));
  policy.on_progress();
  EXPECT_TRUE(policy.on_failure(error<IoError>("disk"), 0));
  EXPECT_FALSE(policy.on_failure(error<IoError>("disk"), 0));
}

TEST(RestartPolicy, WhatWouldComeAgainEndsTheJobAtOnce) {
  RestartPolicy policy{{.attempt_count_max = 9}};
  EXPECT_FALSE(policy.on_failure(error<ConfigError>("option"), 0));
  EXPECT_FALSE(policy.on_failure(error<IncompatibleState>("state"), 0));
  EXPECT_FALSE(policy.on_failure(error<InternalError>("bug"), 0));
  EXPECT_TRUE(policy.on_failure(error<CorruptState>("file"), 0));
}

std::exception_ptr client_error(KafkaError::Kind kind) {
  return std::make_exception_ptr(KafkaError{kind, "SOME_CODE", "the broker"});
}

TEST(RestartPolicy, AClientsFailureIsAnsweredByANewClientAtOnce) {
  RestartPolicy policy{{.attempt_count_max = 0, .delay_max = 300ms, .client_attempt_count_max = 3}};
  const auto failed = client_error(KafkaError::Kind::failed);
  EXPECT_EQ(policy.on_failure(failed, 0), 100ms);
  EXPECT_EQ(policy.on_failure(client_error(KafkaError::Kind::retriable), 0), 200ms);
  EXPECT_EQ(policy.on_failure(failed, 0), 300ms);
  EXPECT_EQ(policy.on_failure(failed, 0), std::nullopt);
}

TEST(RestartPolicy, ClientsAndOtherFailuresAreCountedApart) {
  RestartPolicy policy{{.attempt_count_max = 1, .delay = 1s, .client_attempt_count_max = 1}};
  const auto failed = client_error(KafkaError::Kind::failed);
  EXPECT_EQ(policy.on_failure(error<IoError>("disk"), 0), 1s);
  EXPECT_EQ(policy.on_failure(failed, 0), 100ms);
  EXPECT_EQ(policy.on_failure(failed, 0), std::nullopt);
  policy.on_progress();
  EXPECT_EQ(policy.on_failure(failed, 0), 100ms);
  EXPECT_EQ(policy.on_failure(failed, 0), 1s);
}

TEST(RestartPolicy, WhatABrokerRefusesIsNotTriedAgain) {
  RestartPolicy policy{{.attempt_count_max = 9}};
  EXPECT_FALSE(policy.on_failure(client_error(KafkaError::Kind::refused), 0));
}

TEST(RestartPolicy, WhoIsFencedTwiceWithinSecondsGivesWay) {
  RestartPolicy policy{{.attempt_count_max = 9}};
  const auto fenced = client_error(KafkaError::Kind::fenced);
  const auto at = [](std::chrono::nanoseconds time) { return std::int64_t{time.count()}; };
  EXPECT_EQ(policy.on_failure(fenced, at(1s)), 100ms);
  policy.on_progress();
  EXPECT_EQ(policy.on_failure(fenced, at(60s)), 100ms);
  EXPECT_EQ(policy.on_failure(fenced, at(62s)), std::nullopt);
}

}  // namespace
}  // namespace weir::inline v0::detail
