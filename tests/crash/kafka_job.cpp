// SPDX-License-Identifier: Apache-2.0
#include "crash/kafka_job.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "crash/crash_job.hpp"
#include "crash/pause_point.hpp"
#include "crash/pausing_files.hpp"
#include "crash/watched_client.hpp"
#include "kafka/librdkafka/client.hpp"
#include "weir/job.hpp"
#include "weir/kafka.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/process.hpp"
#include "weir/stop_on.hpp"
#include "weir/topology.hpp"

namespace weir::crash {
namespace {

using namespace std::chrono_literals;

/// About one error in a few seconds: a checkpoint passes some twenty steps.
constexpr std::uint64_t kOneErrorIn = 1'500;
constexpr std::int64_t kSilenceToldMs = 2'000;

/// Gives each record of a key the next number: state that a replay would get wrong at once.
class Number final : public KeyedProcess<std::uint64_t, std::string, std::string> {
 public:
  void on_record(const std::string& record) override {
    const std::uint64_t number = last_.get().value_or(0) + 1;
    last_.set(number);
    emit(record + " " + std::to_string(key()) + " " + std::to_string(number));
  }

 private:
  Value<std::uint64_t> last_ = value<std::uint64_t>("last");
};

std::string key_in(const std::string& line) {
  const std::size_t start = line.find(' ') + 1;
  return line.substr(start, line.find(' ', start) - start);
}

AtStep at_step_of(const KafkaJobOptions& options) {
  const auto point = std::make_shared<PausePoint>(options.pause_step, options.pause_count);
  AtStep errors;
  if (options.error_seed != 0) errors = injected_errors(options.error_seed, kOneErrorIn);
  return [point, errors](const std::string& step) {
    point->pass(step);
    if (errors) errors(step);
  };
}

Topology make_topology(const KafkaJobOptions& options) {
  const kafka::Cluster cluster{
      {.brokers = options.brokers,
       .session_timeout = Duration{kSessionTimeoutMs},
       .transaction_timeout = Duration{kTransactionTimeoutMs},
       .client = watched_client(kafka::librdkafka_client(), at_step_of(options))}};
  Topology topology{kKafkaJob};
  auto keyed = topology.source("records", cluster.topic(kInput, text()))
                   .filter([dropped = options.dropped](const std::string& record) {
                     return dropped < 0 || record != std::to_string(dropped);
                   })
                   .key_by([](const std::string& record) { return key_of(std::stoull(record)); });
  if (options.is_shared) keyed = keyed.keyed_by_partition();
  keyed.process<Number>().named("number").to("numbers",
                                             cluster.topic(kOutput, text()).keyed_by(key_in));
  return topology;
}

JobOptions job_options(const KafkaJobOptions& options) {
  JobOptions job;
  job.instance = options.instance;
  job.workers = 2;
  job.shards = 8;
  job.guarantee = Guarantee::exactly_once;
  job.checkpoints.directory = options.directory + "/checkpoints";
  job.checkpoints.interval = 50ms;
  job.checkpoints.max_delta_files = 8;
  if (!options.pause_step.empty()) {
    job.files = pausing_files(options.pause_step, options.pause_count);
  }
  return job;
}

/// Tells on the standard output what becomes of the job.
class Teller final {
 public:
  void tell(const JobStatus& status) {
    std::string text = to_string(status.state) + ": " + status.waiting_for;
    if (!status.last_error.empty()) text += " (last error: " + status.last_error + ")";
    if (text != text_) std::printf("status %s\n", text.c_str());
    text_ = std::move(text);
    const bool has_committed = status.last_checkpoint != checkpoint_;
    if (has_committed) {
      checkpoint_ = status.last_checkpoint;
      std::printf("checkpoint %llu\n", static_cast<unsigned long long>(checkpoint_));
    }
    if (has_committed || !status.waiting_for.empty()) last_sign_ = Clock::now();
    tell_silence();
    std::fflush(stdout);
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// No commit, and no word about what is waited for.
  void tell_silence() {
    const auto silence =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_sign_).count();
    if (silence < kSilenceToldMs) return;
    std::printf("silent %lld\n", static_cast<long long>(silence));
  }

  std::string text_;
  std::uint64_t checkpoint_ = 0;
  Clock::time_point last_sign_ = Clock::now();
};

}  // namespace

std::vector<std::string> KafkaJobOptions::to_words() const {
  return {brokers,
          directory,
          instance,
          is_shared ? "shared" : "alone",
          std::to_string(dropped),
          pause_step,
          std::to_string(pause_count),
          std::to_string(error_seed)};
}

KafkaJobOptions KafkaJobOptions::from_words(const std::vector<std::string>& words) {
  return {.brokers = words.at(0),
          .directory = words.at(1),
          .instance = words.at(2),
          .is_shared = words.at(3) == "shared",
          .dropped = std::stoll(words.at(4)),
          .pause_step = words.at(5),
          .pause_count = std::stoull(words.at(6)),
          .error_seed = std::stoull(words.at(7))};
}

int run_kafka_job(const KafkaJobOptions& options) {
  try {
    const std::stop_token stop = stop_on({SIGTERM});
    Job job{make_topology(options), job_options(options)};
    job.start();
    Teller teller;
    bool is_stopping = false;
    while (!job.wait_for(2ms)) {
      teller.tell(job.status());
      if (stop.stop_requested() && !std::exchange(is_stopping, true)) job.stop();
    }
    job.wait();
    teller.tell(job.status());
    std::puts("ended");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crash job %s: %s\n", options.instance.c_str(), error.what());
    return 3;
  }
}

}  // namespace weir::crash
