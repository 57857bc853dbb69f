// SPDX-License-Identifier: Apache-2.0

// The keyed count as a job of weir, over a topic that kafka_load filled; prints one line of JSON.
//
//     kafka_weir_count --brokers=HOST:PORT --input=TOPIC --output=TOPIC --records=N [--warm=N]
//         [--guarantee=exactly_once|at_least_once] [--every=MS] [--emit=all|latest] [--workers=N]
//
// The first --warm records are not measured. The topic is partitioned by key, so no exchange is
// needed, as in Kafka Streams.

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "bench/kafka/count.hpp"
#include "bench/kafka/options.hpp"
#include "weir/job.hpp"
#include "weir/kafka.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/topology.hpp"

namespace {

using namespace std::chrono_literals;
using Line = weir::Keyed<std::string, std::string>;

weir::Format<std::int64_t> count_bytes() {
  return weir::format<std::int64_t>(
      {.name = "count",
       .decode = [](std::string_view bytes) { return bench::from_bytes(bytes); },
       .encode =
           [](const std::int64_t& count, std::string& out) {
             const auto bytes = bench::to_bytes(count);
             out.append(bytes.data(), bytes.size());
           }});
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

weir::Topology topology(const bench::Options& arguments) {
  const weir::kafka::Cluster kafka{{.brokers = arguments.text("brokers", "")}};
  const bool is_latest = arguments.text("emit", "all") == "latest";
  weir::Topology topology{arguments.text("group", "weir-keyed-count")};
  topology
      .source("in", kafka.topic(arguments.text("input", "in"), weir::text())
                        .until(weir::kafka::Until::end())
                        .with_keys(weir::text()))
      .key_by(&Line::key)
      .keyed_by_partition()
      .count()
      .changes()
      .to("out", kafka.table(arguments.text("output", "out"), weir::text(), count_bytes())
                     .emit(is_latest ? weir::kafka::Emit::latest_per_checkpoint
                                     : weir::kafka::Emit::every));
  return topology;
}

weir::JobOptions job_options(const bench::Options& arguments, const std::string& directory) {
  weir::JobOptions options;
  options.workers = static_cast<std::uint32_t>(arguments.number("workers", 0));
  options.guarantee = arguments.text("guarantee", "exactly_once") == "exactly_once"
                          ? weir::Guarantee::exactly_once
                          : weir::Guarantee::at_least_once;
  options.checkpoints.directory = directory;
  options.checkpoints.interval =
      weir::Duration{static_cast<std::int64_t>(arguments.number("every", 100))};
  return options;
}

int run(const bench::Options& arguments) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "weir-kafka-bench-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  const auto records = static_cast<std::uint64_t>(arguments.number("records"));
  const auto warm = static_cast<std::uint64_t>(arguments.number("warm", 0));
  weir::Job job{topology(arguments), job_options(arguments, directory)};
  using Clock = std::chrono::steady_clock;
  job.start();
  while (job.progress().records < warm && !job.wait_for(1ms)) {
  }
  const std::uint64_t before = job.progress().records;
  const Clock::time_point start = Clock::now();
  const double cpu = cpu_seconds();
  job.wait();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double used = cpu_seconds() - cpu;
  const std::uint64_t read = job.progress().records;
  std::filesystem::remove_all(directory);
  if (read != records) {
    std::fprintf(stderr, "kafka_weir_count: %llu of %llu records\n",
                 static_cast<unsigned long long>(read), static_cast<unsigned long long>(records));
    return 1;
  }
  const auto measured = static_cast<double>(read - before);
  std::printf(
      "{\"name\": \"kafka/count/%s/every=%sms/emit=%s\", \"records\": %.0f, "
      "\"seconds\": %.3f, \"per_second\": %.0f, \"cpu_ns\": %.0f}\n",
      arguments.text("guarantee", "exactly_once").c_str(), arguments.text("every", "100").c_str(),
      arguments.text("emit", "all").c_str(), measured, seconds, measured / seconds,
      used * 1e9 / measured);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argc, argv});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kafka_weir_count: %s\n", error.what());
    return 2;
  }
}
