// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// What an error object of librdkafka says beside its code.
struct ErrorFlags {
  bool is_fatal = false;
  bool is_retriable = false;
  bool requires_abort = false;
};

/// What an error of librdkafka means to a caller. Codes are `rd_kafka_resp_err_t`.
///
/// An abortable error is `failed`, too: after an abort in place the next transaction of the same
/// client may fail again, and the abort itself may turn out to be fatal.
KafkaError::Kind kind_of(int code, ErrorFlags flags = {}) noexcept;

/// `what`: what was tried. `details`: instead of librdkafka's own words for the code.
KafkaError error_of(int code, const std::string& what, const std::string& details = {});
KafkaError error_of(const rd_kafka_error_s& error, const std::string& what);

/// Throw what the result of a call says, unless that is success.
void check(int code, const std::string& what);
void check(const ErrorPtr& error, const std::string& what);

/// The error that a client reported by itself; for one that ended it, the reason for that. What
/// librdkafka goes on trying is retriable: a topic that is not there yet, a group to join anew.
KafkaError reported_error(rd_kafka_s& client, int code, const std::string& details);

/// Wrong however often it is tried; `code` as Kafka calls such a thing.
KafkaError refused(const std::string& message, const std::string& code = "_INVALID_ARG");

}  // namespace weir::inline v0::kafka::librdkafka
