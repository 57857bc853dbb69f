// SPDX-License-Identifier: Apache-2.0
#include "crash/crash_job.hpp"

#include <cstdio>
#include <memory>
#include <utility>

#include "crash/pausing_files.hpp"
#include "weir/io.hpp"
#include "weir/job.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/process.hpp"
#include "weir/topology.hpp"

#if defined(WEIR_CRASH_ROCKSDB)
#include "weir/rocksdb.hpp"
#endif

namespace weir::crash {
namespace {

using namespace std::chrono_literals;

/// Gives each record of a key the next number: state that a replay would get wrong at once.
class Number final : public KeyedProcess<std::uint64_t, std::uint64_t, std::string> {
 public:
  void on_record(const std::uint64_t& record) override {
    const std::uint64_t number = last_.get().value_or(0) + 1;
    last_.set(number);
    emit(std::to_string(record) + " " + std::to_string(key()) + " " + std::to_string(number));
  }

 private:
  Value<std::uint64_t> last_ = value<std::uint64_t>("last");
};

JobOptions job_options(const CrashJobOptions& options) {
  JobOptions job;
  job.workers = 2;
  job.shards = 8;
  job.guarantee = Guarantee::exactly_once;
  job.checkpoints.directory = options.directory + "/checkpoints";
  job.checkpoints.interval = 20ms;
  job.checkpoints.max_delta_files = 8;
#if defined(WEIR_CRASH_ROCKSDB)
  if (options.on_rocksdb) job.state = rocksdb::state({.directory = options.directory + "/state"});
#endif
  if (!options.pause_step.empty()) {
    job.files = pausing_files(options.pause_step, options.pause_count);
  }
  return job;
}

Topology make_topology(const CrashJobOptions& options) {
  Topology topology{"crash"};
  const auto make = [](std::uint64_t record) { return record; };
  topology
      .source("records",
              io::generate<std::uint64_t>(options.records, make,
                                          {.splits = 4, .per_second = options.per_second}))
      .filter([dropped = options.dropped](const std::uint64_t& record) {
        return static_cast<std::int64_t>(record) != dropped;
      })
      .key_by([](const std::uint64_t& record) { return key_of(record); })
      .process<Number>()
      .named("number")
      .to("files", io::write_files(options.directory + "/out", text(),
                                   {.roll_bytes = 200'000, .roll_age = 100ms}));
  return topology;
}

}  // namespace

int run_crash_job(const CrashJobOptions& options) {
  try {
    Job job{make_topology(options), job_options(options)};
    job.start();
    std::uint64_t seen = 0;
    while (!job.wait_for(2ms)) {
      const std::uint64_t last = job.status().last_checkpoint;
      if (last == seen) continue;
      seen = last;
      std::printf("checkpoint %llu\n", static_cast<unsigned long long>(last));
      std::fflush(stdout);
    }
    job.wait();
    std::puts("ended");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crash job: %s\n", error.what());
    return 3;
  }
}

}  // namespace weir::crash
