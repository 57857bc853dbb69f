// SPDX-License-Identifier: Apache-2.0
// Goal: what each error of librdkafka means to a caller.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <initializer_list>
#include <string>

#include "kafka/librdkafka/errors.hpp"

namespace {

using Kind = weir::kafka::KafkaError::Kind;
using testing::HasSubstr;
using weir::kafka::KafkaError;
using weir::kafka::librdkafka::check;
using weir::kafka::librdkafka::error_of;
using weir::kafka::librdkafka::ErrorFlags;
using weir::kafka::librdkafka::kind_of;

TEST(KafkaErrorKind, WhatIsUnderWayIsAskedAgain) {
  for (const int code :
       {RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__WAIT_COORD,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
        RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION}) {
    EXPECT_EQ(kind_of(code), Kind::retriable) << code;
  }
}

TEST(KafkaErrorKind, AnotherProcessHasTheIdentity) {
  for (const int code :
       {RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID}) {
    EXPECT_EQ(kind_of(code), Kind::fenced) << code;
    EXPECT_EQ(kind_of(code, {.is_fatal = true}), Kind::fenced) << code;
    EXPECT_EQ(kind_of(code, {.requires_abort = true}), Kind::fenced) << code;
  }
}

TEST(KafkaErrorKind, WhatNoRepetitionMendsIsRefused) {
  for (const int code :
       {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION}) {
    EXPECT_EQ(kind_of(code), Kind::refused) << code;
    EXPECT_EQ(kind_of(code, {.is_fatal = true}), Kind::refused) << code;
  }
}

TEST(KafkaErrorKind, TheRestEndsTheClient) {
  for (const int code : std::initializer_list<int>{
           RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
           RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
           RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
           RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
           RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR__STATE,
           RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, 120, 9'999}) {
    EXPECT_EQ(kind_of(code), Kind::failed) << code;
  }
}

TEST(KafkaErrorKind, AnErrorThatDemandsAnAbortIsNeverRepeated) {
  EXPECT_EQ(kind_of(RD_KAFKA_RESP_ERR__TIMED_OUT, {.requires_abort = true}), Kind::failed);
  EXPECT_EQ(kind_of(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
                    {.is_retriable = true, .requires_abort = true}),
            Kind::failed);
  EXPECT_EQ(kind_of(RD_KAFKA_RESP_ERR__TIMED_OUT, {.is_fatal = true}), Kind::failed);
}

TEST(KafkaErrorKind, WhatLibrdkafkaCallsRetriableIs) {
  EXPECT_EQ(kind_of(RD_KAFKA_RESP_ERR_UNKNOWN, {.is_retriable = true}), Kind::retriable);
  EXPECT_EQ(kind_of(RD_KAFKA_RESP_ERR_UNKNOWN, ErrorFlags{}), Kind::failed);
}

TEST(KafkaErrorText, SaysWhatWasTriedAndWhatCameOfIt) {
  const KafkaError error = error_of(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "commit");
  EXPECT_EQ(error.code(), "INVALID_PRODUCER_EPOCH");
  EXPECT_THAT(error.what(), HasSubstr("commit: Broker: Producer attempted an operation"));
  EXPECT_THAT(error.what(), HasSubstr("(INVALID_PRODUCER_EPOCH)"));
  const KafkaError with_details = error_of(RD_KAFKA_RESP_ERR__TRANSPORT, "", "host is away");
  EXPECT_STREQ(with_details.what(), "host is away (_TRANSPORT)");
}

TEST(KafkaErrorText, SuccessThrowsNothing) {
  EXPECT_NO_THROW(check(RD_KAFKA_RESP_ERR_NO_ERROR, "anything"));
  EXPECT_NO_THROW(check(weir::kafka::librdkafka::ErrorPtr{}, "anything"));
  EXPECT_THROW(check(RD_KAFKA_RESP_ERR__STATE, "anything"), KafkaError);
}

}  // namespace
