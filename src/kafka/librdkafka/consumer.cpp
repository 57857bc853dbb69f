// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/consumer.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>

#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/queries.hpp"
#include "kafka/librdkafka/settings.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

constexpr Duration kCloseLimit{5'000};
constexpr int kEventsPerPollMax = 100;

GroupConsumer& consumer_of(void* opaque) { return *static_cast<GroupConsumer*>(opaque); }

void forward_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                       rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  consumer_of(opaque).on_rebalance(code, partitions);
  rd_kafka_yield(client);  // So that poll() returns now, and not at the end of its time.
}

void forward_error(rd_kafka_t* /*client*/, int code, const char* text, void* opaque) {
  consumer_of(opaque).on_error(code, text);
}

int forward_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size, void* opaque) {
  consumer_of(opaque).on_statistics({json, size});
  return 0;  // librdkafka frees it.
}

ClientPtr new_client(ConfPtr conf) {
  std::array<char, 512> text{};
  ClientPtr client{rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text.data(), text.size())};
  if (!client) throw refused(std::string{"consumer: "} + text.data());
  static_cast<void>(conf.release());  // The client's now.
  return client;
}

/// Until 2.2.0 a fetching thread that sleeps because queues are full is woken by nothing that
/// reading does. To tell it the credentials that it has already is the one harmless call that does.
std::function<void()> fetcher_waker(rd_kafka_s& client, const ConsumerSettings& settings) {
  if (loaded_version() >= kVersion_2_2_0) return {};
  return [&client, user = option_or_empty(settings.config, "sasl.username"),
          password = option_or_empty(settings.config, "sasl.password")] {
    const ErrorPtr ignored{rd_kafka_sasl_set_credentials(&client, user.c_str(), password.c_str())};
  };
}

SharedClient new_member(const ConsumerSettings& settings, GroupConsumer& consumer) {
  ConfPtr conf = consumer_conf(settings, loaded_version());
  rd_kafka_conf_set_opaque(conf.get(), &consumer);
  rd_kafka_conf_set_rebalance_cb(conf.get(), forward_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), forward_error);
  rd_kafka_conf_set_stats_cb(conf.get(), forward_statistics);
  ClientPtr client = new_client(std::move(conf));
  check(rd_kafka_poll_set_consumer(client.get()), "consumer");
  return client;
}

/// Lets the partition's records stay in its own queue, from before the first of them.
void keep_queue_apart(rd_kafka_s& client, const TopicPartition& partition) {
  const QueuePtr queue{
      rd_kafka_queue_get_partition(&client, partition.topic.c_str(), partition.partition)};
  if (!queue) throw error_of(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, text_of(partition));
  rd_kafka_queue_forward(queue.get(), nullptr);
}

}  // namespace

ClientPtr make_observer(const ConsumerSettings& settings) {
  return new_client(consumer_conf(settings, loaded_version()));
}

GroupConsumer::GroupConsumer(ConsumerSettings settings) : settings_{std::move(settings)} {
  context_.client = new_member(settings_, *this);
  context_.errors = std::make_shared<ErrorBox>();
  context_.reader_count = std::make_shared<std::atomic<int>>(0);
  context_.wake_fetcher = fetcher_waker(*context_.client, settings_);
  const FetchAhead ahead = fetch_ahead(settings_.fetch_bytes_max);
  context_.ahead_records_max = ahead.records;
  context_.ahead_bytes_max = ahead.bytes;
}

GroupConsumer::~GroupConsumer() { close(); }

void GroupConsumer::subscribe(const std::vector<std::string>& topics) {
  const PartitionListPtr list{rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
  for (const std::string& topic : topics) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  check(rd_kafka_subscribe(context_.client.get(), list.get()), "subscription");
}

void GroupConsumer::poll(Duration timeout) {
  report_left_errors();
  serve(timeout_ms(timeout));
}

void GroupConsumer::report_left_errors() {
  for (const KafkaError& error : context_.errors->take()) {
    if (settings_.events.on_error) settings_.events.on_error(error);
  }
}

void GroupConsumer::serve(int timeout) {
  for (int i = 0; i < kEventsPerPollMax; ++i) {
    const MessagePtr message{rd_kafka_consumer_poll(context_.client.get(), i == 0 ? timeout : 0)};
    rethrow();
    if (!message) return;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw KafkaError{KafkaError::Kind::failed, "_FAIL",
                       "a record came where none may come, and would be lost"};
    }
    on_error(message->err, rd_kafka_message_errstr(message.get()));
    rethrow();
  }
}

void GroupConsumer::assign(const std::map<TopicPartition, std::int64_t>& offsets) {
  const int readers = context_.reader_count->load();
  WEIR_ASSERT(readers == 0, "readers", readers);
  if (offsets.empty()) {
    is_revoking_ = false;
    check(rd_kafka_assign(context_.client.get(), nullptr), "assignment");
  } else {
    // Even when they were revoked just now: they are this member's until they are given up.
    assign_all(offsets);
  }
  const std::lock_guard lock{mutex_};
  places_.clear();
  for (const auto& [partition, offset] : offsets) {
    places_[partition] = std::make_shared<std::atomic<std::int64_t>>(offset);
  }
}

void GroupConsumer::assign_all(const std::map<TopicPartition, std::int64_t>& offsets) {
  const PartitionListPtr list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& [partition, offset] : offsets) {
    WEIR_ASSERT(offset >= 0, "offset", offset);
    keep_queue_apart(*context_.client, partition);
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
        ->offset = offset;
  }
  check(rd_kafka_assign(context_.client.get(), list.get()), "assignment");
}

std::unique_ptr<PartitionReader> GroupConsumer::reader(const TopicPartition& partition,
                                                       std::function<void()> wake) {
  Place place;
  {
    const std::lock_guard lock{mutex_};
    const auto found = places_.find(partition);
    if (found != places_.end()) place = found->second;
  }
  if (!place) {
    throw error_of(RD_KAFKA_RESP_ERR__STATE, text_of(partition) + " is not assigned");
  }
  return std::make_unique<Reader>(context_, partition, std::move(place), std::move(wake));
}

CommittedOffsets GroupConsumer::committed(const std::vector<TopicPartition>& partitions,
                                          Duration timeout) {
  return librdkafka::committed(*context_.client, partitions, timeout);
}

void GroupConsumer::commit(const CommittedOffsets& offsets, Duration timeout) {
  librdkafka::commit(*context_.client, offsets, timeout);
}

std::shared_ptr<GroupMetadata> GroupConsumer::group_metadata() const {
  GroupMetadataPtr group{rd_kafka_consumer_group_metadata(context_.client.get())};
  if (!group) throw error_of(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, "generation of the group");
  return std::make_shared<Generation>(std::move(group));
}

bool GroupConsumer::is_assignment_lost() const {
  return rd_kafka_assignment_lost(context_.client.get()) != 0;
}

std::vector<TopicPartition> GroupConsumer::partitions(const std::vector<std::string>& topics,
                                                      Duration timeout) {
  return librdkafka::partitions(*context_.client, topics, timeout);
}

std::pair<std::int64_t, std::int64_t> GroupConsumer::offset_range(const TopicPartition& partition,
                                                                  Duration timeout) {
  return librdkafka::offset_range(*context_.client, partition, timeout);
}

std::optional<std::int64_t> GroupConsumer::offset_at(const TopicPartition& partition,
                                                     EventTime time, Duration timeout) {
  return librdkafka::offset_at(*context_.client, partition, time, timeout);
}

void GroupConsumer::close() {
  if (std::exchange(is_closed_, true)) return;
  rd_kafka_s* const client = context_.client.get();
  if (is_revoking_) rd_kafka_assign(client, nullptr);
  // The plain call may wait for a broker that is gone; the limit is ours.
  const QueuePtr queue{rd_kafka_queue_new(client)};
  const ErrorPtr ended_before{rd_kafka_consumer_close_queue(client, queue.get())};
  const auto deadline = std::chrono::steady_clock::now() + kCloseLimit;
  while (!ended_before && rd_kafka_consumer_closed(client) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    rd_kafka_queue_poll_callback(queue.get(), 100);
  }
}

void GroupConsumer::on_rebalance(int code, rd_kafka_topic_partition_list_s* partitions) noexcept {
  rd_kafka_s* const client = context_.client.get();
  if (is_closed_) {
    rd_kafka_assign(client, nullptr);
    return;
  }
  guard([&] {
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      is_revoking_ = false;
      if (settings_.events.on_assigned) settings_.events.on_assigned(partitions_in(*partitions));
      return;
    }
    is_revoking_ = true;
    if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) on_error(code, "");
    if (settings_.events.on_revoked) settings_.events.on_revoked(is_assignment_lost());
  });
}

void GroupConsumer::on_error(int code, const char* text) noexcept {
  if (is_closed_ || !settings_.events.on_error) return;
  guard([&] { settings_.events.on_error(reported_error(*context_.client, code, text)); });
}

void GroupConsumer::on_statistics(std::string json) noexcept {
  if (is_closed_ || !settings_.events.on_statistics) return;
  guard([&] { settings_.events.on_statistics(json); });
}

template <class Call>
void GroupConsumer::guard(Call call) noexcept {
  try {
    call();
  } catch (...) {
    if (!thrown_) thrown_ = std::current_exception();
  }
}

void GroupConsumer::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

}  // namespace weir::inline v0::kafka::librdkafka
