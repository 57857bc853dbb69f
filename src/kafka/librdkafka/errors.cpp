// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/errors.hpp"

#include <librdkafka/rdkafka.h>

#include <array>

namespace weir::inline v0::kafka::librdkafka {
namespace {

using Kind = KafkaError::Kind;

/// What the code alone says.
Kind kind_of_code(int code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return Kind::fenced;

    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
      return Kind::refused;

    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return Kind::retriable;

    default:
      return Kind::failed;
  }
}

/// What librdkafka reports and then goes on with.
bool is_tried_again(int code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
      return true;
    default:
      return false;
  }
}

/// "send offsets: Broker: Specified group generation id is not valid"; the code follows by itself.
std::string text_of(int code, const std::string& what, const std::string& details) {
  std::string text = what.empty() ? std::string{} : what + ": ";
  text += details.empty() ? rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)) : details;
  return text;
}

}  // namespace

KafkaError::Kind kind_of(int code, ErrorFlags flags) noexcept {
  const Kind kind = kind_of_code(code);
  if (flags.is_fatal || flags.requires_abort) {
    return kind == Kind::retriable ? Kind::failed : kind;
  }
  return flags.is_retriable ? Kind::retriable : kind;
}

KafkaError error_of(int code, const std::string& what, const std::string& details) {
  return KafkaError{kind_of(code), rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)),
                    text_of(code, what, details)};
}

KafkaError error_of(const rd_kafka_error_s& error, const std::string& what) {
  const ErrorFlags flags{.is_fatal = rd_kafka_error_is_fatal(&error) != 0,
                         .is_retriable = rd_kafka_error_is_retriable(&error) != 0,
                         .requires_abort = rd_kafka_error_txn_requires_abort(&error) != 0};
  const int code = rd_kafka_error_code(&error);
  return KafkaError{kind_of(code, flags), rd_kafka_error_name(&error),
                    text_of(code, what, rd_kafka_error_string(&error))};
}

void check(int code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw error_of(code, what);
}

void check(const ErrorPtr& error, const std::string& what) {
  if (error) throw error_of(*error, what);
}

KafkaError reported_error(rd_kafka_s& client, int code, const std::string& details) {
  if (code != RD_KAFKA_RESP_ERR__FATAL) {
    const ErrorFlags flags{.is_retriable = is_tried_again(code)};
    return KafkaError{kind_of(code, flags),
                      rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)),
                      text_of(code, {}, details)};
  }
  std::array<char, 512> reason{};
  const int cause = rd_kafka_fatal_error(&client, reason.data(), reason.size());
  return KafkaError{kind_of(cause, {.is_fatal = true}),
                    rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(cause)),
                    text_of(cause, {}, reason.data())};
}

KafkaError refused(const std::string& message, const std::string& code) {
  return KafkaError{Kind::refused, code, message};
}

}  // namespace weir::inline v0::kafka::librdkafka
