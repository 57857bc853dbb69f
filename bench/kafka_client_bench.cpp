// SPDX-License-Identifier: Apache-2.0
// What the door to Kafka costs beside the plain calls of librdkafka, on a broker that runs already:
//   kafka_client_bench --brokers localhost:9092 [--records N] [--rounds N]
// Writes to topics of its own, whose names begin with weir-bench. All loops take turns; the best
// round of each counts.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kafka/librdkafka/client.hpp"
#include "kafka/librdkafka/handles.hpp"
#include "weir/kafka_client.hpp"

namespace {

using weir::Duration;
using weir::EventTime;
using weir::kafka::TopicPartition;
namespace owners = weir::kafka::librdkafka;

constexpr int kPartitions = 4;
constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kValueSize = 100;
constexpr Duration kLimit{60'000};

struct Options {
  std::string brokers;
  std::size_t records = 2'000'000;
  int rounds = 3;
};

struct Cost {
  double per_second = 0;
  double cpu_ns = 1e18;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void check(bool is_right, const std::string& what) {
  if (!is_right) throw std::runtime_error{what};
}

/// One way of doing it. `prepare` returns what is measured.
struct Contestant {
  std::string name;
  std::function<std::function<void()>()> prepare;
  Cost best = {};
};

void run_round(Contestant& contestant, std::size_t records) {
  const std::function<void()> run = contestant.prepare();
  const double cpu_before = cpu_seconds();
  const auto before = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
  const auto count = static_cast<double>(records);
  contestant.best.per_second = std::max(contestant.best.per_second, count / took.count());
  contestant.best.cpu_ns =
      std::min(contestant.best.cpu_ns, (cpu_seconds() - cpu_before) * 1e9 / count);
}

void run_all(std::vector<Contestant> contestants, const Options& options, std::size_t records) {
  for (int round = 0; round < options.rounds; ++round) {
    for (Contestant& contestant : contestants) run_round(contestant, records);
  }
  for (const Contestant& contestant : contestants) {
    std::printf("%-44s %10.0f records/s %8.0f ns of CPU\n", contestant.name.c_str(),
                contestant.best.per_second, contestant.best.cpu_ns);
  }
}

// Plain librdkafka, as a program would use it that knows all the settings.

void set(rd_kafka_conf_t& conf, const char* name, const std::string& value) {
  check(rd_kafka_conf_set(&conf, name, value.c_str(), nullptr, 0) == RD_KAFKA_CONF_OK, name);
}

owners::ClientPtr plain_client(rd_kafka_type_t type, const Options& options,
                               const std::map<std::string, std::string>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(*conf, "bootstrap.servers", options.brokers);
  for (const auto& [name, value] : settings) set(*conf, name.c_str(), value);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  owners::ClientPtr client{rd_kafka_new(type, conf, nullptr, 0)};
  check(client != nullptr, "no client");
  return client;
}

owners::ClientPtr plain_producer(const Options& options) {
  return plain_client(RD_KAFKA_PRODUCER, options,
                      {{"enable.idempotence", "true"},
                       {"linger.ms", "5"},
                       {"queue.buffering.max.messages", "500000"},
                       {"delivery.report.only.error", "true"}});
}

void create_topic(const Options& options, const std::string& name) {
  const owners::ClientPtr client = plain_client(RD_KAFKA_PRODUCER, options, {});
  const owners::QueuePtr queue{rd_kafka_queue_new(client.get())};
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), kPartitions, 1, nullptr, 0);
  rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue.get());
  const owners::EventPtr done{rd_kafka_queue_poll(queue.get(), 30'000)};
  rd_kafka_NewTopic_destroy(topic);
  check(done != nullptr, "no topic");
}

struct PlainTopic {
  owners::ClientPtr client;
  owners::TopicPtr topic;
};

PlainTopic plain_topic(const Options& options, const std::string& name) {
  PlainTopic made{plain_producer(options), nullptr};
  made.topic.reset(rd_kafka_topic_new(made.client.get(), name.c_str(), nullptr));
  const struct rd_kafka_metadata* found = nullptr;
  check(rd_kafka_metadata(made.client.get(), 0, made.topic.get(), &found, 30'000) ==
            RD_KAFKA_RESP_ERR_NO_ERROR,
        "no metadata");
  rd_kafka_metadata_destroy(found);
  return made;
}

std::string value_of_bench() { return std::string(kValueSize, 'v'); }

using PlainBatch = std::function<std::size_t(PlainTopic&, int partition, std::size_t count)>;

/// Calls `batch` until all are taken, one partition after the other, and flushes.
void produce_plainly(PlainTopic& topic, std::size_t records, const PlainBatch& batch) {
  std::size_t sent = 0;
  for (int turn = 0; sent < records; ++turn) {
    const std::size_t taken = batch(topic, turn % kPartitions, std::min(kBatch, records - sent));
    sent += taken;
    if (taken == 0) std::this_thread::sleep_for(Duration{2});
  }
  check(rd_kafka_flush(topic.client.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flush");
}

std::size_t by_produce(PlainTopic& topic, int partition, std::size_t count) {
  static const std::string value = value_of_bench();
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_produce(topic.topic.get(), partition, RD_KAFKA_MSG_F_COPY,
                         const_cast<char*>(value.data()), value.size(), "key-0123", 8,
                         nullptr) != 0) {
      return i;
    }
  }
  return count;
}

std::size_t by_producev(PlainTopic& topic, int partition, std::size_t count) {
  static const std::string value = value_of_bench();
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_producev(
        topic.client.get(), RD_KAFKA_V_RKT(topic.topic.get()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
        RD_KAFKA_V_KEY("key-0123", 8), RD_KAFKA_V_TIMESTAMP(1'700'000'000'000), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return i;
  }
  return count;
}

/// Cannot carry times.
std::size_t by_batch(PlainTopic& topic, int partition, std::size_t count) {
  static const std::string value = value_of_bench();
  std::vector<rd_kafka_message_t> messages(count);
  for (rd_kafka_message_t& message : messages) {
    message.payload = const_cast<char*>(value.data());
    message.len = value.size();
    message.key = const_cast<char*>("key-0123");
    message.key_len = 8;
  }
  return static_cast<std::size_t>(rd_kafka_produce_batch(
      topic.topic.get(), partition, RD_KAFKA_MSG_F_COPY, messages.data(), static_cast<int>(count)));
}

Contestant plain_produce(const Options& options, const std::string& name, PlainBatch batch) {
  return {name, [&options, batch = std::move(batch)] {
            auto topic = std::make_shared<PlainTopic>(plain_topic(options, "weir-bench-produce"));
            return [topic, &options, batch] { produce_plainly(*topic, options.records, batch); };
          }};
}

Contestant door_produce(const Options& options) {
  return {"produce: the door", [&options] {
            const std::shared_ptr<weir::kafka::Producer> producer =
                weir::kafka::librdkafka_client()->make_producer({.brokers = options.brokers});
            producer->add_topic("weir-bench-produce", kLimit);
            return [producer, &options] {
              const std::string value = value_of_bench();
              std::size_t sent = 0;
              for (int turn = 0; sent < options.records; ++turn) {
                const std::size_t count = std::min(kBatch, options.records - sent);
                const std::vector<weir::kafka::RecordToWrite> records(
                    count, {.key = "key-0123",
                            .value = value,
                            .partition = turn % kPartitions,
                            .time = EventTime{1'700'000'000'000}});
                const std::size_t taken = producer->produce("weir-bench-produce", records);
                if (taken < count) std::this_thread::sleep_for(Duration{2});
                sent += taken;
              }
              producer->flush(kLimit);
            };
          }};
}

// Reading the same topic from its start.

std::map<std::string, std::string> reading_settings(std::size_t bytes, std::size_t records) {
  return {{"group.id", "weir-bench-plain"},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"enable.partition.eof", "true"},
          {"socket.nagle.disable", "true"},
          {"fetch.wait.max.ms", "10"},
          {"queued.max.messages.kbytes", std::to_string(bytes / 1024)},
          {"queued.min.messages", std::to_string(records)}};
}

struct PlainReader {
  owners::ClientPtr client;
  std::vector<owners::QueuePtr> queues;
};

PlainReader plain_reader(const Options& options, std::size_t bytes, std::size_t records) {
  PlainReader reader{plain_client(RD_KAFKA_CONSUMER, options, reading_settings(bytes, records)),
                     {}};
  rd_kafka_poll_set_consumer(reader.client.get());
  const owners::PartitionListPtr list{rd_kafka_topic_partition_list_new(kPartitions)};
  for (int partition = 0; partition < kPartitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), "weir-bench-read", partition)->offset = 0;
    reader.queues.emplace_back(
        rd_kafka_queue_get_partition(reader.client.get(), "weir-bench-read", partition));
    rd_kafka_queue_forward(reader.queues.back().get(), nullptr);
  }
  rd_kafka_assign(reader.client.get(), list.get());
  return reader;
}

/// Work done per record beside reading it.
void work(Duration per_thousand, std::size_t records) {
  const auto end =
      std::chrono::steady_clock::now() +
      std::chrono::nanoseconds{per_thousand.count() * 1'000 * static_cast<std::int64_t>(records)};
  while (per_thousand.count() > 0 && std::chrono::steady_clock::now() < end) {
  }
}

void read_plainly(PlainReader& reader, std::size_t records, Duration per_thousand) {
  std::array<rd_kafka_message_t*, kBatch> messages{};
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < records) {
    rd_kafka_consumer_poll(reader.client.get(), 0);
    for (const owners::QueuePtr& queue : reader.queues) {
      const auto got = rd_kafka_consume_batch_queue(queue.get(), 0, messages.data(), kBatch);
      for (ssize_t i = 0; i < got; ++i) {
        const rd_kafka_message_t& message = *messages[static_cast<std::size_t>(i)];
        bytes += message.len;
        count += message.err == RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0;
        rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
      }
      work(per_thousand, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
  }
  check(bytes >= records * kValueSize, "too few bytes");
}

Contestant plain_read(const Options& options, const std::string& name, std::size_t bytes,
                      Duration per_thousand) {
  return {name, [&options, bytes, per_thousand] {
            auto reader = std::make_shared<PlainReader>(plain_reader(options, bytes, bytes / 256));
            return [reader, &options, per_thousand] {
              read_plainly(*reader, options.records, per_thousand);
            };
          }};
}

struct DoorReader {
  std::unique_ptr<weir::kafka::Consumer> consumer;
  std::vector<std::unique_ptr<weir::kafka::PartitionReader>> readers;
};

void read_through_door(DoorReader& door, std::size_t records, Duration per_thousand) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < records) {
    door.consumer->poll(Duration{0});
    for (const auto& reader : door.readers) {
      const auto fetched = reader->fetch(kBatch);
      if (!fetched) continue;
      for (const weir::kafka::RecordView& record : fetched->records()) {
        bytes += record.value->size();
      }
      count += fetched->records().size();
      work(per_thousand, fetched->records().size());
    }
  }
  check(bytes >= records * kValueSize, "too few bytes");
}

Contestant door_read(const Options& options, const std::string& name, Duration per_thousand) {
  return {name, [&options, per_thousand] {
            auto door = std::make_shared<DoorReader>();
            door->consumer = weir::kafka::librdkafka_client()->make_consumer(
                {.brokers = options.brokers, .group = "weir-bench-door"});
            std::map<TopicPartition, std::int64_t> starts;
            for (int partition = 0; partition < kPartitions; ++partition) {
              starts[{"weir-bench-read", partition}] = 0;
            }
            door->consumer->assign(starts);
            for (const auto& [partition, start] : starts) {
              door->readers.push_back(door->consumer->reader(partition, {}));
            }
            return [door, &options, per_thousand] {
              read_through_door(*door, options.records, per_thousand);
              door->readers.clear();
            };
          }};
}

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--brokers") options.brokers = arguments[i + 1];
    if (name == "--records") options.records = std::stoull(arguments[i + 1]);
    if (name == "--rounds") options.rounds = std::stoi(arguments[i + 1]);
  }
  check(!options.brokers.empty(), "--brokers host:port is missing");
  return options;
}

void run(const Options& options) {
  create_topic(options, "weir-bench-produce");
  create_topic(options, "weir-bench-read");
  {
    PlainTopic topic = plain_topic(options, "weir-bench-read");
    produce_plainly(topic, options.records, by_batch);
  }
  run_all({door_produce(options), plain_produce(options, "produce: rd_kafka_producev", by_producev),
           plain_produce(options, "produce: rd_kafka_produce, no times", by_produce),
           plain_produce(options, "produce: rd_kafka_produce_batch, no times", by_batch)},
          options, options.records);
  const Duration idle{0};
  const Duration busy{1};
  run_all(
      {door_read(options, "read: the door", idle),
       plain_read(options, "read: plain, 8 MiB ahead", std::size_t{8} << 20, idle),
       plain_read(options, "read: plain, 256 MiB ahead", std::size_t{256} << 20, idle),
       door_read(options, "read + 1 us of work: the door", busy),
       plain_read(options, "read + 1 us of work: plain, 8 MiB ahead", std::size_t{8} << 20, busy),
       plain_read(options, "read + 1 us of work: plain, 256 MiB ahead", std::size_t{256} << 20,
                  busy)},
      options, options.records);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(options_of(count, arguments));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
