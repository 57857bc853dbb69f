// SPDX-License-Identifier: Apache-2.0
// Makes a topic anew and fills it: records of equal size whose keys are drawn evenly, each
// partitioned by its key as the Java client does. The same arguments make the same records.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/kafka/options.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace bench {
namespace {

using kafka_test::check;
using kafka_test::ClientSettings;
using kafka_test::Destroy;
using kafka_test::Event;
using kafka_test::Handle;
using kafka_test::make_client;
using kafka_test::Queue;

using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;

constexpr const char* kUsage =
    "kafka_load --brokers=HOST:PORT --topic=NAME --records=N [--bytes=100] [--keys=10000]\n"
    "           [--partitions=4] [--config=KEY:VALUE]\n"
    "--bytes: of the value; keys are key-00000000 and so on\n";
constexpr std::size_t kBatch = 5000;
constexpr int kLimitMs = 120'000;

struct Load {
  std::string topic;
  std::int64_t records = 0;
  std::size_t bytes = 0;
  std::int64_t keys = 0;
  int partitions = 0;
};

struct Key {
  std::string text;
  std::int32_t partition = 0;
};

std::uint64_t mix(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

std::vector<Key> make_keys(const rd_kafka_topic_t* topic, const Load& load) {
  std::vector<Key> keys(static_cast<std::size_t>(load.keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string digits = std::to_string(i);
    std::string& text = keys[i].text;
    text = "key-" + std::string(8 - std::min<std::size_t>(8, digits.size()), '0') + digits;
    keys[i].partition = rd_kafka_msg_partitioner_murmur2(topic, text.data(), text.size(),
                                                         load.partitions, nullptr, nullptr);
  }
  return keys;
}

/// Makes the topic, after what is left of an earlier one is gone.
void make_topic(const ClientSettings& client, const Load& load, const std::string& config) {
  try {
    kafka_test::delete_topic(client, load.topic);
  } catch (const std::runtime_error&) {
    // There was none.
  }
  kafka_test::TopicOptions options{.partitions = load.partitions};
  if (const std::size_t sign = config.find(':'); sign != std::string::npos) {
    options.config[config.substr(0, sign)] = config.substr(sign + 1);
  }
  kafka_test::create_topic(client, load.topic, options);
}

class Loader final {
 public:
  Loader(const ClientSettings& client, Load load)
      : load_{std::move(load)}, values_(kBatch * load_.bytes, '.') {
    ClientSettings settings = client;
    settings["enable.idempotence"] = "true";
    settings["linger.ms"] = "20";
    settings["queue.buffering.max.kbytes"] = "262144";
    settings["queue.buffering.max.messages"] = "1000000";
    settings["delivery.report.only.error"] = "true";
    producer_ = make_client(RD_KAFKA_PRODUCER, settings, RD_KAFKA_EVENT_DR);
    reports_.reset(rd_kafka_queue_get_main(producer_.get()));
    topic_.reset(rd_kafka_topic_new(producer_.get(), load_.topic.c_str(), nullptr));
    keys_ = make_keys(topic_.get(), load_);
  }

  void run() {
    for (std::int64_t i = 0; i < load_.records; ++i) {
      add(keys_[mix(static_cast<std::uint64_t>(i)) % keys_.size()], i);
      if (batch_.size() == kBatch) send();
    }
    send();
    check(rd_kafka_flush(producer_.get(), kLimitMs), "flush");
    check_reports();
  }

 private:
  /// The value begins with the number of the record.
  void add(const Key& key, std::int64_t number) {
    char* value = &values_[batch_.size() * load_.bytes];
    const std::string digits = std::to_string(number);
    digits.copy(value, load_.bytes);
    rd_kafka_message_t message{};
    message.partition = key.partition;
    message.payload = value;
    message.len = load_.bytes;
    message.key = const_cast<char*>(key.text.data());
    message.key_len = key.text.size();
    batch_.push_back(message);
  }

  /// What does not fit into the producer's queue is offered again, in order.
  void send() {
    while (!batch_.empty()) {
      const int count = rd_kafka_produce_batch(topic_.get(), RD_KAFKA_PARTITION_UA,
                                               RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION,
                                               batch_.data(), static_cast<int>(batch_.size()));
      if (static_cast<std::size_t>(count) == batch_.size()) break;
      batch_.erase(std::remove_if(batch_.begin(), batch_.end(),
                                  [](const rd_kafka_message_t& message) {
                                    return message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
                                  }),
                   batch_.end());
      if (batch_.front().err != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        check(batch_.front().err, "produce");
      }
      check_reports(10);
    }
    batch_.clear();
    check_reports();
  }

  void check_reports(int timeout_ms = 0) {
    while (const Event event{rd_kafka_queue_poll(reports_.get(), timeout_ms)}) {
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
        check(message->err, "deliver");
      }
    }
  }

  Load load_;
  std::string values_;
  Handle producer_;
  Queue reports_;
  Topic topic_;
  std::vector<Key> keys_;
  std::vector<rd_kafka_message_t> batch_;
};

void run(const Options& options) {
  const ClientSettings client{{"bootstrap.servers", options.text("brokers")}};
  const Load load{.topic = options.text("topic"),
                  .records = options.number("records"),
                  .bytes = static_cast<std::size_t>(options.number("bytes", 100)),
                  .keys = options.number("keys", 10'000),
                  .partitions = static_cast<int>(options.number("partitions", 4))};
  make_topic(client, load, options.text("config", ""));
  const auto start = std::chrono::steady_clock::now();
  Loader{client, load}.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("{\"topic\": \"%s\", \"records\": %lld, \"per_second\": %.0f}\n", load.topic.c_str(),
              static_cast<long long>(load.records),
              static_cast<double>(load.records) / took.count());
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    bench::run(bench::Options{argc, argv});
  } catch (const std::invalid_argument& error) {
    std::cerr << "kafka_load: " << error.what() << '\n' << bench::kUsage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "kafka_load: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
