// SPDX-License-Identifier: Apache-2.0
#include "weir/rocksdb.hpp"

#include <stdio.h>

#include <cinttypes>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "bench/whole/job.hpp"
#include "bench/whole/rocksdb_bound.hpp"
#include "bench/whole/temporary_directory.hpp"
#include "bench/whole/workloads.hpp"
#include "weir/keyed_stream.hpp"

namespace bench {
namespace {

struct Touch {
  Key key;
};

struct Touches {
  Wide wide;

  void add(const Touch&) { ++wide.numbers[0]; }
};

void count_touches(weir::Stream<Touch> touches, std::uint64_t& answer) {
  touches.key_by(&Touch::key)
      .aggregate<Touches>()
      .changes()
      .for_each([&answer](const weir::Keyed<Key, Touches>& count) {
        answer += static_cast<std::uint64_t>(count.value.wide.numbers[0]);
      });
}

weir::JobOptions on_rocksdb(const TemporaryDirectory& directory, std::uint64_t budget_bytes) {
  weir::JobOptions options = with_workers(1);
  weir::rocksdb::StateOptions state;
  state.directory = directory.below("state");
  options.state = weir::rocksdb::state(std::move(state));
  options.memory_budget_bytes = budget_bytes;
  return options;
}

/// Through weir. Measured from the first draw on.
Run cold_state(const ColdStateOptions& options, const TemporaryDirectory& directory) {
  const ColdKeys keys{options.is_zipf};
  std::optional<Stopwatch> watch;
  std::uint64_t answer = 0;
  const auto make = [&](std::uint64_t i) {
    if (i == ColdStateOptions::kKeys) watch.emplace();
    return Touch{key_of(keys.id(i))};
  };
  weir::Topology topology{"bench"};
  count_touches(topology.source("touches", weir::io::generate<Touch>(
                                               ColdStateOptions::kKeys + options.draws, make)),
                answer);
  weir::Job job{std::move(topology), on_rocksdb(directory, ColdStateOptions::kBudgetBytes)};
  job.run();
  return {options.draws, watch->elapsed(), answer - ColdStateOptions::kKeys};
}

/// Runs in a process of its own, whose memory nothing else fills.
Run in_child(const std::string& name, Extra& extra) {
  FILE* const pipe =
      popen(("/proc/" + std::to_string(getpid()) + "/exe --child " + name).c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error{"cannot start " + name};
  Run run;
  double peak = 0;
  const int read = fscanf(pipe, "%" SCNu64 " %lf %lf %" SCNu64 " %lf", &run.records,
                          &run.cost.seconds, &run.cost.cpu_seconds, &run.answer, &peak);
  if (pclose(pipe) != 0 || read != 5) throw std::runtime_error{name + " failed"};
  extra["peak_mib"] = peak;
  return run;
}

/// What the process may take: 1.25 times the budget, and 100 MiB.
double memory_share(double peak) {
  return peak / (1.25 * static_cast<double>(ColdStateOptions::kBudgetBytes >> 20) + 100);
}

void run_cold(Suite& suite, const std::string& keys) {
  Group group{.name = "rocksdb/" + keys + "/budget=10x", .rounds = 1, .has_same_answer = false};
  group.bounds = {[&] {
    Extra ignored;
    return in_child("bound/" + keys, ignored);
  }};
  group.variants = {{group.name,
                     {{"keys", std::to_string(ColdStateOptions::kKeys)},
                      {"budget_mib", std::to_string(ColdStateOptions::kBudgetBytes >> 20)},
                      {"workers", "1"}},
                     [&](Extra& extra) {
                       const Run run = in_child("weir/" + keys, extra);
                       extra["memory_share"] = memory_share(extra["peak_mib"]);
                       return run;
                     }}};
  suite.measure(group);
}

/// State that fits, beside the same job in memory.
void run_fitting(Suite& suite) {
  constexpr std::uint64_t kKeys = 100'000;
  constexpr std::uint64_t kCount = 5'000'000;
  const auto build = [](auto& topology, auto& answer) {
    const auto make = [](std::uint64_t i) { return Touch{key_of(weir::Random{i}.below(kKeys))}; };
    count_touches(topology.source("touches", weir::io::generate<Touch>(kCount, make)), answer);
  };
  Group group{.name = "rocksdb/fits"};
  group.bounds = {[&] { return run_job(kCount, with_workers(1), build); }};
  group.variants = {{group.name, {{"keys", std::to_string(kKeys)}, {"workers", "1"}}, [&](Extra&) {
                       const TemporaryDirectory directory;
                       return run_job(kCount, on_rocksdb(directory, std::uint64_t{512} << 20),
                                      build);
                     }}};
  suite.measure(group);
}

}  // namespace

void run_rocksdb(Suite& suite) {
  if (suite.wants("rocksdb/fits")) run_fitting(suite);
  run_cold(suite, "zipf");
  run_cold(suite, "uniform");
}

int run_rocksdb_child(const std::string& name) {
  const bool is_zipf = name.find("zipf") != std::string::npos;
  const bool is_bound = name.find("bound") != std::string::npos;
  const TemporaryDirectory directory;
  const Run run =
      is_bound ? rocksdb_get_put({.is_zipf = is_zipf, .draws = 150'000}, directory.below("db"))
               : cold_state({.is_zipf = is_zipf, .draws = 1'000'000}, directory);
  std::printf("%" PRIu64 " %.9f %.9f %" PRIu64 " %.1f\n", run.records, run.cost.seconds,
              run.cost.cpu_seconds, run.answer, peak_mib());
  return 0;
}

}  // namespace bench
