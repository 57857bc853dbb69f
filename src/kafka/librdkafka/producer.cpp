// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/producer.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/thread_name.hpp"
#include "kafka/librdkafka/consumer.hpp"
#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/queries.hpp"
#include "kafka/librdkafka/settings.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

constexpr int kDrainMs = 1'000;  // It is woken earlier when there is an event, or to stop.
constexpr int kRoomMs = 2;
constexpr Duration kTopicMakingMax{3'000};
constexpr Duration kTopicPause{50};

struct TopicState {
  int code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::int32_t partition_count = 0;
};

ClientPtr new_producer(const ProducerSettings& settings) {
  ConfPtr conf = producer_conf(settings, loaded_version());
  rd_kafka_conf_set_events(conf.get(),
                           RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  std::array<char, 512> text{};
  ClientPtr client{rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text.data(), text.size())};
  if (!client) throw refused(std::string{"producer: "} + text.data());
  static_cast<void>(conf.release());  // The client's now.
  return client;
}

/// librdkafka wants an address even for no bytes, where no address means a tombstone.
const char* address_of(std::string_view bytes) noexcept {
  return bytes.data() == nullptr ? "" : bytes.data();
}

void set_bytes(rd_kafka_vu_t& field, const std::optional<std::string_view>& bytes) noexcept {
  field.u.mem.ptr = bytes ? const_cast<char*>(address_of(*bytes)) : nullptr;
  field.u.mem.size = bytes ? bytes->size() : 0;
}

enum Field : std::uint8_t {
  topic_field,
  flags_field,
  partition_field,
  time_field,
  key_field,
  value_field,
  field_count
};

using Fields = std::array<rd_kafka_vu_t, field_count>;

Fields fields_of(rd_kafka_topic_s& topic, const RecordToWrite& record) noexcept {
  Fields fields;  // Each is 72 bytes of which 8 are used: not worth clearing.
  fields[topic_field].vtype = RD_KAFKA_VTYPE_RKT;
  fields[topic_field].u.rkt = &topic;
  fields[flags_field].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[flags_field].u.i = RD_KAFKA_MSG_F_COPY;
  fields[partition_field].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[partition_field].u.i32 = record.partition;
  fields[time_field].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  fields[time_field].u.i64 = record.time.ms();
  fields[key_field].vtype = RD_KAFKA_VTYPE_KEY;
  set_bytes(fields[key_field], record.key);
  fields[value_field].vtype = RD_KAFKA_VTYPE_VALUE;
  set_bytes(fields[value_field], record.value);
  return fields;
}

rd_kafka_vu_t field_of(const Header& header) noexcept {
  rd_kafka_vu_t field;
  field.vtype = RD_KAFKA_VTYPE_HEADER;
  field.u.header.name = header.name.c_str();
  field.u.header.val = header.value ? header.value->c_str() : nullptr;
  field.u.header.size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
  return field;
}

ErrorPtr enqueue(rd_kafka_s& client, rd_kafka_topic_s& topic, const RecordToWrite& record) {
  const Fields fields = fields_of(topic, record);
  if (record.headers == nullptr || record.headers->empty()) {
    return ErrorPtr{rd_kafka_produceva(&client, fields.data(), fields.size())};
  }
  std::vector<rd_kafka_vu_t> all{fields.begin(), fields.end()};
  for (const Header& header : *record.headers) all.push_back(field_of(header));
  return ErrorPtr{rd_kafka_produceva(&client, all.data(), all.size())};
}

/// What the brokers say of a topic; asking also works around #5032: without it, the first record
/// may wait for a second.
TopicState ask_for_topic(rd_kafka_s& client, rd_kafka_topic_s& topic, Duration timeout) {
  const struct rd_kafka_metadata* found = nullptr;
  if (const int code = rd_kafka_metadata(&client, 0, &topic, &found, timeout_ms(timeout));
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {.code = code};
  }
  const MetadataPtr metadata{found};
  if (metadata->topic_cnt != 1) return {.code = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC};
  return {.code = metadata->topics[0].err, .partition_count = metadata->topics[0].partition_cnt};
}

/// Brokers that make topics by themselves do so when they are asked, and need some time for it.
std::int32_t wait_for_topic(rd_kafka_s& client, rd_kafka_topic_s& topic, Duration timeout) {
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    const TopicState state = ask_for_topic(client, topic, timeout);
    if (state.code == RD_KAFKA_RESP_ERR_NO_ERROR) return state.partition_count;
    const auto waited = std::chrono::steady_clock::now() - start;
    const bool is_unknown = state.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    const bool may_come = is_unknown || kind_of(state.code) == KafkaError::Kind::retriable;
    if (!may_come || waited >= (is_unknown ? std::min(timeout, kTopicMakingMax) : timeout)) {
      throw error_of(state.code, std::string{"topic "} + rd_kafka_topic_name(&topic));
    }
    std::this_thread::sleep_for(kTopicPause);
  }
}

std::size_t size_of(const RecordToWrite& record) noexcept {
  return (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
}

}  // namespace

QueueProducer::QueueProducer(ProducerSettings settings)
    : settings_{std::move(settings)},
      client_{new_producer(settings_)},
      events_{rd_kafka_queue_get_main(client_.get())},
      drainer_{[this] { drain(); }} {}

QueueProducer::~QueueProducer() {
  is_stopping_ = true;
  rd_kafka_queue_yield(events_.get());
  drainer_.join();
}

std::int32_t QueueProducer::add_topic(const std::string& name, Duration timeout) {
  TopicPtr topic{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)};
  if (!topic) check(rd_kafka_last_error(), "topic " + name);
  const std::int32_t partition_count = wait_for_topic(*client_, *topic, timeout);
  const std::unique_lock lock{topics_mutex_};
  topics_.try_emplace(name, std::move(topic));
  return partition_count;
}

rd_kafka_topic_s& QueueProducer::topic(const std::string& name) const {
  const std::shared_lock lock{topics_mutex_};
  const auto found = topics_.find(name);
  WEIR_ASSERT(found != topics_.end(), "topic", name);
  return *found->second;
}

std::size_t QueueProducer::produce(const std::string& topic_name,
                                   const std::vector<RecordToWrite>& records) {
  rd_kafka_topic_s& into = topic(topic_name);
  std::size_t taken = 0;
  std::size_t bytes = 0;
  while (taken < records.size() && produce_one(into, records[taken])) {
    bytes += size_of(records[taken]);
    ++taken;
  }
  count(taken, bytes);
  if (taken < records.size()) wait_for_room();
  return taken;
}

bool QueueProducer::produce_one(rd_kafka_topic_s& topic, const RecordToWrite& record) {
  const ErrorPtr error = enqueue(*client_, topic, record);
  if (!error) return true;
  if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  throw_produce_error(*error, record, topic);
}

void QueueProducer::throw_produce_error(const rd_kafka_error_s& error, const RecordToWrite& record,
                                        rd_kafka_topic_s& topic) {
  check_alive();
  // A transaction in which a delivery failed takes no more records, and does not say why.
  throw_delivery_error();
  throw error_of(error, std::string{"record of "} + std::to_string(size_of(record)) +
                            " bytes for " + rd_kafka_topic_name(&topic) + "/" +
                            std::to_string(record.partition));
}

void QueueProducer::count(std::size_t records, std::size_t bytes) {
  if (rd_kafka_outq_len(client_.get()) <= static_cast<int>(records)) {
    counted_records_.store(records, std::memory_order_relaxed);
    counted_bytes_.store(bytes, std::memory_order_relaxed);
    return;
  }
  counted_records_.fetch_add(records, std::memory_order_relaxed);
  counted_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

std::pair<std::uint64_t, std::uint64_t> QueueProducer::queued() const {
  const auto records = static_cast<std::uint64_t>(rd_kafka_outq_len(client_.get()));
  const std::uint64_t counted = counted_records_.load(std::memory_order_relaxed);
  const std::uint64_t bytes = counted_bytes_.load(std::memory_order_relaxed);
  return {records, counted == 0 ? 0 : records * bytes / counted};
}

void QueueProducer::wait_for_room() {
  full_at_ = static_cast<std::uint64_t>(std::max(rd_kafka_outq_len(client_.get()), 1));
  rd_kafka_queue_yield(events_.get());
}

void QueueProducer::flush(Duration timeout) {
  const auto code = rd_kafka_flush(client_.get(), timeout_ms(timeout));
  check_alive();
  throw_delivery_error();
  check(code, "flush");
}

void QueueProducer::throw_delivery_error() const {
  const std::lock_guard lock{failure_mutex_};
  if (failure_) throw *failure_;
}

void QueueProducer::check_alive() const {
  std::array<char, 1> ignored{};
  if (rd_kafka_fatal_error(client_.get(), ignored.data(), ignored.size()) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw reported_error(*client_, RD_KAFKA_RESP_ERR__FATAL, {});
  }
}

void QueueProducer::init_transactions(Duration timeout) {
  check(ErrorPtr{rd_kafka_init_transactions(client_.get(), timeout_ms(timeout))},
        "first transaction of " + settings_.transactional_id);
}

void QueueProducer::begin_transaction() {
  // Some versions hang here after a fatal error.
  check_alive();
  check(ErrorPtr{rd_kafka_begin_transaction(client_.get())}, "begin of a transaction");
}

void QueueProducer::send_offsets(const CommittedOffsets& offsets, const std::string& group_name,
                                 const std::shared_ptr<GroupMetadata>& group, Duration timeout) {
  // At least one: librdkafka takes a list of none for done, and the group is not fenced.
  WEIR_ASSERT(!offsets.empty());
  const PartitionListPtr list = list_of(offsets);
  GroupMetadataPtr lone;
  const rd_kafka_consumer_group_metadata_s* member = nullptr;
  if (group) {
    const auto* const generation = dynamic_cast<const Generation*>(group.get());
    WEIR_ASSERT(generation != nullptr);
    member = &generation->get();
  } else {
    lone.reset(rd_kafka_consumer_group_metadata_new(group_name.c_str()));
    member = lone.get();
  }
  check(ErrorPtr{rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), member,
                                                      timeout_ms(timeout))},
        "offsets of the transaction");
}

void QueueProducer::commit_transaction(Duration timeout) {
  const ErrorPtr error{rd_kafka_commit_transaction(client_.get(), timeout_ms(timeout))};
  if (!error) return;
  check_alive();
  const KafkaError why = error_of(*error, "commit of the transaction");
  if (why.kind() != KafkaError::Kind::retriable) throw_delivery_error();
  throw why;
}

void QueueProducer::drain() {
  name_this_thread("kdr " + settings_.transactional_id);
  while (!is_stopping_) {
    const EventPtr event{rd_kafka_queue_poll(events_.get(), full_at_ != 0 ? kRoomMs : kDrainMs)};
    if (event) take(*event);
    announce_room();
  }
}

void QueueProducer::take(rd_kafka_op_s& event) {
  switch (rd_kafka_event_type(&event)) {
    case RD_KAFKA_EVENT_DR:
      take_failed_deliveries(event);
      break;
    case RD_KAFKA_EVENT_ERROR:
      if (settings_.on_error) {
        settings_.on_error(reported_error(*client_, rd_kafka_event_error(&event),
                                          rd_kafka_event_error_string(&event)));
      }
      break;
    case RD_KAFKA_EVENT_STATS:
      if (settings_.on_statistics) settings_.on_statistics(rd_kafka_event_stats(&event));
      break;
    default:
      break;
  }
}

void QueueProducer::take_failed_deliveries(rd_kafka_op_s& event) {
  std::optional<KafkaError> first;
  while (const rd_kafka_message_t* const message = rd_kafka_event_message_next(&event)) {
    if (first || message->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const KafkaError error =
        error_of(message->err, std::string{"delivery to "} + rd_kafka_topic_name(message->rkt) +
                                   "/" + std::to_string(message->partition));
    // It will not be tried again, whatever the kind of error.
    first = error.kind() == KafkaError::Kind::retriable
                ? KafkaError{KafkaError::Kind::failed, error.code(),
                             std::string{"delivery given up: "} + error.what()}
                : error;
  }
  if (!first) return;
  {
    const std::lock_guard lock{failure_mutex_};
    if (!failure_) failure_ = first;
  }
  if (settings_.on_delivery_error) settings_.on_delivery_error(*first);
}

void QueueProducer::announce_room() {
  const std::uint64_t full_at = full_at_;
  if (full_at == 0) return;
  if (static_cast<std::uint64_t>(rd_kafka_outq_len(client_.get())) > full_at / 2) return;
  full_at_ = 0;
  if (settings_.on_room) settings_.on_room();
}

}  // namespace weir::inline v0::kafka::librdkafka
