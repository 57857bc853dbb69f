// SPDX-License-Identifier: Apache-2.0

// How long a record takes from Kafka through a job to a committed reader, open loop: records are
// due at fixed times, and latency counts from when a record was due, not from when it could be
// sent.
//
//     kafka_latency --brokers=HOST:PORT --rate=20000 [--every=MS] [--seconds=N] [--warm=N]
//
// The topics weir-latency-in and weir-latency-out have to be there, with 4 partitions. The job
// counts by key, exactly once, with a checkpoint every --every ms (50). The first --warm seconds
// (5) are left out. Prints one line of JSON.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/kafka/options.hpp"
#include "kafka/librdkafka/client.hpp"
#include "weir/clock.hpp"
#include "weir/job.hpp"
#include "weir/kafka.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/topology.hpp"

namespace {

using namespace std::chrono_literals;
using weir::kafka::TopicPartition;
using Line = weir::Keyed<std::string, std::string>;

constexpr std::int32_t kPartitions = 4;
constexpr std::int64_t kKeys = 10'000;
constexpr std::size_t kValueBytes = 100;
const std::string kIn = "weir-latency-in";
const std::string kOut = "weir-latency-out";

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Sends what is due every millisecond, each value starting with the time at which it was due.
void send(const std::string& brokers, std::int64_t rate, std::int64_t until_us) {
  weir::kafka::ProducerSettings settings;
  settings.brokers = brokers;
  settings.config["linger.ms"] = "1";
  const auto producer = weir::kafka::librdkafka_client()->make_producer(std::move(settings));
  producer->add_topic(kIn, 10s);
  const std::int64_t start_us = now_us();
  for (std::int64_t sent = 0; now_us() < until_us;) {
    const std::int64_t due = (now_us() - start_us) * rate / 1'000'000;
    for (; sent < due; ++sent) {
      const std::string key = "key-" + std::to_string(sent * 7919 % kKeys);
      std::string value = std::to_string(start_us + sent * 1'000'000 / rate) + " ";
      value.resize(kValueBytes, 'x');
      weir::kafka::RecordToWrite record;
      record.key = key;
      record.value = value;
      record.partition = weir::kafka::java_partition(key, kPartitions);
      record.time = weir::SystemClock{}.now();  // Brokers delete by it.
      while (producer->produce(kIn, {record}) == 0) std::this_thread::sleep_for(1ms);
    }
    std::this_thread::sleep_for(1ms);
  }
  producer->flush(30s);
}

/// Reads the output as others would: read_committed. Returns the latencies of records due after
/// `from_us`.
std::vector<std::int64_t> read(const std::string& brokers, std::int64_t from_us,
                               const std::atomic<bool>& is_over) {
  std::vector<std::int64_t> latencies_us;
  std::vector<TopicPartition> assigned;
  weir::kafka::ConsumerSettings settings;
  settings.brokers = brokers;
  settings.group = "weir-latency-reader-" + std::to_string(from_us);
  settings.events.on_assigned = [&](const auto& partitions) { assigned = partitions; };
  const auto consumer = weir::kafka::librdkafka_client()->make_consumer(std::move(settings));
  consumer->subscribe({kOut});
  while (assigned.empty()) consumer->poll(100ms);
  std::map<TopicPartition, std::int64_t> ends;
  for (const auto& each : assigned) ends[each] = consumer->offset_range(each, 10s).second;
  consumer->assign(ends);
  std::vector<std::unique_ptr<weir::kafka::PartitionReader>> readers;
  for (const auto& each : assigned) readers.push_back(consumer->reader(each, [] {}));
  while (!is_over) {
    consumer->poll(0ms);
    bool is_idle = true;
    for (const auto& reader : readers) {
      const auto fetched = reader->fetch(1'000);
      if (fetched == nullptr) continue;
      is_idle = false;
      const std::int64_t seen_us = now_us();
      for (const auto& record : fetched->records()) {
        const std::int64_t due_us = std::stoll(std::string{record.value.value_or("0")});
        if (due_us >= from_us) latencies_us.push_back(seen_us - due_us);
      }
    }
    if (is_idle) std::this_thread::sleep_for(1ms);
  }
  readers.clear();
  return latencies_us;
}

/// Numbers the records of a key: each gives one of output, with the time at which it was due.
struct Latest {
  std::string due;
  std::int64_t count = 0;

  void add(const Line& line) {
    due = line.value.substr(0, line.value.find(' '));
    ++count;
  }
  void merge(const Latest& other) {
    count += other.count;
    due = other.due;
  }
};

weir::Topology topology(const std::string& brokers, const std::string& name) {
  const weir::kafka::Cluster kafka{{.brokers = brokers}};
  const auto value = weir::format<Latest>(
      {.name = "due and count",
       .decode = [](std::string_view) -> Latest { throw weir::BadRecord{"never read"}; },
       .encode = [](const Latest& latest,
                    std::string& out) { out += latest.due + " " + std::to_string(latest.count); }});
  weir::Topology topology{name};
  topology
      .source(
          "in",
          kafka.topic(kIn, weir::text()).from(weir::kafka::Start::latest()).with_keys(weir::text()))
      .key_by(&Line::key)
      .keyed_by_partition()
      .aggregate<Latest>()
      .changes()
      .to("out", kafka.table(kOut, weir::text(), value));
  return topology;
}

double percentile_ms(const std::vector<std::int64_t>& sorted_us, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted_us.size() - 1));
  return static_cast<double>(sorted_us[at]) / 1'000;
}

int run(const bench::Options& options) {
  const std::string brokers = options.text("brokers");
  const std::int64_t rate = options.number("rate");
  const std::int64_t every = options.number("every", 50);
  std::string directory =
      (std::filesystem::temp_directory_path() / "weir-kafka-latency-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) throw std::runtime_error{"no temporary directory"};

  weir::JobOptions job_options;
  job_options.guarantee = weir::Guarantee::exactly_once;
  job_options.checkpoints.directory = directory;
  job_options.checkpoints.interval = weir::Duration{every};
  weir::Job job{topology(brokers, "weir-latency-" + std::to_string(now_us())), job_options};
  job.start();
  while (job.status().last_checkpoint == 0 && !job.wait_for(10ms)) {
  }

  const std::int64_t from_us = now_us() + options.number("warm", 5) * 1'000'000;
  const std::int64_t until_us = from_us + options.number("seconds", 15) * 1'000'000;
  std::atomic<bool> is_over{false};
  std::vector<std::int64_t> latencies_us;
  std::thread reader{[&] { latencies_us = read(brokers, from_us, is_over); }};
  send(brokers, rate, until_us);
  std::this_thread::sleep_for(2s);
  is_over = true;
  reader.join();
  job.stop();
  job.wait();
  std::filesystem::remove_all(directory);
  if (latencies_us.empty()) throw std::runtime_error{"nothing came out of the job"};
  std::sort(latencies_us.begin(), latencies_us.end());
  std::printf(
      "{\"name\": \"kafka/latency/every=%lldms/rate=%lld\", \"records\": %zu, "
      "\"p50_ms\": %.1f, \"p99_ms\": %.1f}\n",
      static_cast<long long>(every), static_cast<long long>(rate), latencies_us.size(),
      percentile_ms(latencies_us, 0.5), percentile_ms(latencies_us, 0.99));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argc, argv});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kafka_latency: %s\n", error.what());
    return 2;
  }
}
