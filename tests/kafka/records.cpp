// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace kafka_test {
namespace {

constexpr int kLimitMs = 30'000;

using RdHeaders = std::unique_ptr<rd_kafka_headers_t, Destroy<rd_kafka_headers_destroy>>;

const void* data_of(const Bytes& bytes) { return bytes ? bytes->data() : nullptr; }
std::size_t size_of(const Bytes& bytes) { return bytes ? bytes->size() : 0; }

Bytes bytes_of(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string{static_cast<const char*>(data), size};
}

RdHeaders to_rdkafka(const Headers& headers) {
  RdHeaders made{rd_kafka_headers_new(headers.size())};
  for (const auto& [name, value] : headers) {
    check(rd_kafka_header_add(made.get(), name.data(), static_cast<ssize_t>(name.size()),
                              data_of(value), static_cast<ssize_t>(size_of(value))),
          "header " + name);
  }
  return made;
}

Headers headers_of(const rd_kafka_message_t* message) {
  Headers found;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    found.emplace_back(name, bytes_of(value, size));
  }
  return found;
}

Received received(const rd_kafka_message_t* message) {
  return {.partition = message->partition,
          .offset = message->offset,
          .time_ms = rd_kafka_message_timestamp(message, nullptr),
          .key = bytes_of(message->key, message->key_len),
          .value = bytes_of(message->payload, message->len),
          .headers = headers_of(message)};
}

}  // namespace

struct TestProducer::State {
  /// Takes the reports of what was sent; remembers the first refusal.
  void take_reports(int timeout_ms) {
    while (true) {
      const Event event{rd_kafka_queue_poll(reports.get(), timeout_ms)};
      if (!event) return;
      timeout_ms = 0;
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
        ++reported;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) refusal = message->err;
      }
    }
  }

  Handle client;
  Queue reports;
  std::size_t sent = 0;
  std::size_t reported = 0;
  rd_kafka_resp_err_t refusal = RD_KAFKA_RESP_ERR_NO_ERROR;
};

TestProducer::TestProducer(const ClientSettings& client, const std::string& transactional_id)
    : state_{std::make_unique<State>()} {
  ClientSettings settings = client;
  settings.emplace("linger.ms", "1");
  settings.emplace("partitioner", "murmur2_random");
  if (!transactional_id.empty()) settings["transactional.id"] = transactional_id;
  settings.emplace("enable.idempotence", "true");
  state_->client = make_client(RD_KAFKA_PRODUCER, settings, RD_KAFKA_EVENT_DR);
  state_->reports.reset(rd_kafka_queue_get_main(state_->client.get()));
  if (!transactional_id.empty()) {
    check(rd_kafka_init_transactions(state_->client.get(), kLimitMs), "init_transactions");
  }
}

TestProducer::~TestProducer() {
  rd_kafka_purge(state_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void TestProducer::begin() {
  check(rd_kafka_begin_transaction(state_->client.get()), "begin_transaction");
}

void TestProducer::send(const std::string& topic, const Sent& record) {
  RdHeaders headers = to_rdkafka(record.headers);
  while (true) {
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        state_->client.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
        RD_KAFKA_V_PARTITION(record.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(data_of(record.key), size_of(record.key)),
        RD_KAFKA_V_VALUE(const_cast<void*>(data_of(record.value)), size_of(record.value)),
        RD_KAFKA_V_TIMESTAMP(record.time_ms), RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      check(code, "send to " + topic);
      break;
    }
    state_->take_reports(100);
  }
  headers.release();  // librdkafka owns them now.
  ++state_->sent;
  if (state_->sent % 1024 == 0) state_->take_reports(0);
}

void TestProducer::flush() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{kLimitMs};
  while (state_->reported < state_->sent) {
    state_->take_reports(100);
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error{"flush: no answer"};
  }
  check(state_->refusal, "a record was refused");
}

void TestProducer::commit() {
  flush();
  check(rd_kafka_commit_transaction(state_->client.get(), kLimitMs), "commit_transaction");
}

void TestProducer::abort() {
  check(rd_kafka_abort_transaction(state_->client.get(), kLimitMs), "abort_transaction");
}

void produce(const ClientSettings& client, const std::string& topic,
             const std::vector<Sent>& records) {
  TestProducer producer{client};
  for (const Sent& record : records) producer.send(topic, record);
  producer.flush();
}

namespace {

/// A consumer of all partitions of a topic, and what it still has to read.
class Reader final {
 public:
  Reader(const ClientSettings& client, std::string topic, const ReadOptions& options)
      : topic_{std::move(topic)}, options_{options}, offsets_{offsets_of(client, topic_)} {
    if (offsets_.empty()) throw std::runtime_error{"there is no topic " + topic_};
    ClientSettings settings = client;
    settings["group.id"] = "reader";  // Wanted by librdkafka; nothing is committed or joined.
    settings["enable.auto.commit"] = "false";
    settings["isolation.level"] = "read_committed";
    settings["enable.partition.eof"] = "true";
    settings["fetch.wait.max.ms"] = "10";
    client_ = make_client(RD_KAFKA_CONSUMER, settings);
    check(rd_kafka_poll_set_consumer(client_.get()), "reader");
    assign();
  }

  void run(const std::function<void(Received&&)>& each) {
    auto until = deadline();
    while (!unfinished_.empty()) {
      const Message message{rd_kafka_consumer_poll(client_.get(), 100)};
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        take(*message, each);
        until = deadline();
      } else if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        at_end(message->partition, message->offset);
      } else if (message && message->err != RD_KAFKA_RESP_ERR__TRANSPORT &&
                 message->err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        check(message->err, "read " + topic_);
      } else if (message) {
        trouble_ = rd_kafka_message_errstr(message.get());
      }
      if (Clock::now() > until) give_up();
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point deadline() const {
    return Clock::now() + std::chrono::milliseconds{options_.patience_ms};
  }
  std::int64_t end_of(int partition) const {
    return offsets_[static_cast<std::size_t>(partition)].end;
  }

  void assign() {
    const Partitions list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets_.size()))};
    for (int partition = 0; partition < static_cast<int>(offsets_.size()); ++partition) {
      const Offsets& found = offsets_[static_cast<std::size_t>(partition)];
      if (found.begin == found.end) continue;
      rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset =
          found.begin;
      unfinished_.insert(partition);
    }
    check(rd_kafka_assign(client_.get(), list.get()), "assign " + topic_);
  }

  void take(const rd_kafka_message_t& message, const std::function<void(Received&&)>& each) {
    const std::int64_t end = end_of(message.partition);
    if (message.offset < end) each(received(&message));
    if (message.offset + 1 >= end) unfinished_.erase(message.partition);
  }

  /// The end that a reader of committed records sees lies before an open transaction.
  void at_end(int partition, std::int64_t offset) {
    seen_[partition] = offset;
    if (!options_.to_the_end || offset >= end_of(partition)) unfinished_.erase(partition);
  }

  [[noreturn]] void give_up() const {
    const int partition = *unfinished_.begin();
    const auto seen = seen_.find(partition);
    throw std::runtime_error{topic_ + "/" + std::to_string(partition) + " is readable to " +
                             (seen != seen_.end() ? std::to_string(seen->second) : "nowhere") +
                             ", its end is " + std::to_string(end_of(partition)) +
                             "; is a transaction open? " + trouble_};
  }

  std::string topic_;
  ReadOptions options_;
  std::vector<Offsets> offsets_;
  std::set<int> unfinished_;
  std::map<int, std::int64_t> seen_;  // The ends that the broker has shown.
  std::string trouble_;
  Handle client_;
};

}  // namespace

void read_committed(const ClientSettings& client, const std::string& topic,
                    const std::function<void(Received&&)>& each, const ReadOptions& options) {
  Reader{client, topic, options}.run(each);
}

std::vector<Received> read_committed(const ClientSettings& client, const std::string& topic,
                                     const ReadOptions& options) {
  std::vector<Received> all;
  read_committed(
      client, topic, [&](Received&& record) { all.push_back(std::move(record)); }, options);
  return all;
}

std::vector<std::string> committed_values(const ClientSettings& client, const std::string& topic) {
  std::vector<std::string> values;
  read_committed(client, topic,
                 [&](Received&& record) { values.push_back(record.value.value_or("")); });
  return values;
}

}  // namespace kafka_test
