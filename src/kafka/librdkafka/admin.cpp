// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/admin.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/handles.hpp"
#include "kafka/librdkafka/queries.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// How often it is looked whether a new topic has its leaders.
constexpr Duration kLookEvery{50};

struct AdminDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const noexcept { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_AdminOptions_t* options) const noexcept {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_DeleteRecords_t* request) const noexcept {
    rd_kafka_DeleteRecords_destroy(request);
  }
};
using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, AdminDeleter>;
using AdminOptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, AdminDeleter>;
using DeleteRecordsPtr = std::unique_ptr<rd_kafka_DeleteRecords_t, AdminDeleter>;

AdminOptionsPtr options_for(rd_kafka_s& client, rd_kafka_admin_op_t operation, Duration timeout) {
  std::array<char, 256> why{};
  AdminOptionsPtr options{rd_kafka_AdminOptions_new(&client, operation)};
  const int ms = timeout_ms(timeout);
  for (const auto set :
       {&rd_kafka_AdminOptions_set_request_timeout, &rd_kafka_AdminOptions_set_operation_timeout}) {
    check(set(options.get(), ms, why.data(), why.size()), why.data());
  }
  return options;
}

/// Waits for the answer to an admin request. Throws when the request as a whole failed.
EventPtr answer(rd_kafka_queue_s& queue, const std::string& what, Duration timeout) {
  // The request itself ends at the timeout: a little later its answer is here.
  EventPtr event{rd_kafka_queue_poll(&queue, timeout_ms(timeout) + 1'000)};
  if (event == nullptr) check(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw error_of(error, what, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

void check_created(const rd_kafka_event_t& event, const std::string& what) {
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(&event)), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* const details = rd_kafka_topic_result_error_string(results[i]);
    throw error_of(error, what, details != nullptr ? details : "");
  }
}

/// A topic that was just made is not known everywhere at once.
void wait_until_known(rd_kafka_s& client, const std::string& topic, SteadyClock::time_point until,
                      Duration timeout) {
  while (true) {
    try {
      if (!partitions(client, {topic}, timeout).empty()) return;
    } catch (const KafkaError& error) {
      if (error.kind() != KafkaError::Kind::retriable) throw;
    }
    if (SteadyClock::now() >= until) {
      check(RD_KAFKA_RESP_ERR__TIMED_OUT, "waiting for topic '" + topic + "' to have leaders");
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace

void create_topic(rd_kafka_s& client, const std::string& topic, const NewTopic& wanted,
                  Duration timeout) {
  const SteadyClock::time_point until = SteadyClock::now() + timeout;
  const std::string what = "making topic '" + topic + "'";
  std::array<char, 256> why{};
  const NewTopicPtr request{
      rd_kafka_NewTopic_new(topic.c_str(), wanted.partitions, -1, why.data(), why.size())};
  if (request == nullptr) throw refused(what + ": " + why.data());
  for (const auto& [name, value] : wanted.config) {
    check(rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str()), what);
  }
  const AdminOptionsPtr options = options_for(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
  const QueuePtr queue{rd_kafka_queue_new(&client)};
  rd_kafka_NewTopic_t* requests = request.get();
  rd_kafka_CreateTopics(&client, &requests, 1, options.get(), queue.get());
  check_created(*answer(*queue, what, timeout), what);
  wait_until_known(client, topic, until, timeout);
}

void delete_records(rd_kafka_s& client, const std::map<TopicPartition, std::int64_t>& before,
                    Duration timeout) {
  if (before.empty()) return;
  const PartitionListPtr list{rd_kafka_topic_partition_list_new(static_cast<int>(before.size()))};
  for (const auto& [partition, offset] : before) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = offset;
  }
  const DeleteRecordsPtr request{rd_kafka_DeleteRecords_new(list.get())};
  const AdminOptionsPtr options = options_for(client, RD_KAFKA_ADMIN_OP_DELETERECORDS, timeout);
  const QueuePtr queue{rd_kafka_queue_new(&client)};
  rd_kafka_DeleteRecords_t* requests = request.get();
  rd_kafka_DeleteRecords(&client, &requests, 1, options.get(), queue.get());
  const EventPtr event = answer(*queue, "deleting records that were read", timeout);
  const auto* const done =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  for (int i = 0; i < done->cnt; ++i) {
    check(done->elems[i].err,
          "deleting records of " + text_of({done->elems[i].topic, done->elems[i].partition}));
  }
}

}  // namespace weir::inline v0::kafka::librdkafka
