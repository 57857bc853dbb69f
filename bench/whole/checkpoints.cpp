// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "bench/whole/job.hpp"
#include "bench/whole/key_table.hpp"
#include "bench/whole/temporary_directory.hpp"
#include "bench/whole/workloads.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/metrics.hpp"

namespace bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Hit {
  Key key;
  std::int32_t amount;
};

/// Hits of `hot` keys in random order, to be generated over and over.
std::vector<Hit> make_hits(std::uint64_t hot) {
  constexpr std::uint64_t kCount = 1 << 20;
  weir::Random random{hot};
  std::vector<Hit> hits;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    hits.push_back({key_of(random.below(hot)), static_cast<std::int32_t>(random.below(1000))});
  }
  return hits;
}

weir::JobOptions with_checkpoints(const std::string& directory, milliseconds interval) {
  weir::JobOptions options = with_workers(1);
  options.checkpoints.directory = directory;
  options.checkpoints.interval = interval;
  return options;
}

/// A count per key in one window that stays open: its keys are changed again and again, and what
/// a checkpoint holds is all of them. Answer: the number of records.
void count_hits(weir::Topology& topology, const std::vector<Hit>& hits, std::uint64_t count,
                std::uint64_t& answer) {
  const auto make = [&hits](std::uint64_t i) { return hits[i % hits.size()]; };
  topology.source("hits", weir::io::generate<Hit>(count, make))
      .event_time([](const Hit& hit) { return weir::EventTime{hit.amount}; },
                  {.max_disorder = seconds{10}})
      .key_by(&Hit::key)
      .window(weir::tumbling(seconds{10}))
      .count()
      .for_each([&answer](const weir::Windowed<Key, std::int64_t>& result) {
        answer += static_cast<std::uint64_t>(result.value);
      });
}

void run_throughput(Suite& suite) {
  constexpr std::uint64_t kHot = 100'000;
  constexpr std::uint64_t kCount = 40'000'000;
  Group group{.name = "checkpoint"};
  const std::vector<Hit> hits = make_hits(kHot);
  const auto build = [&](auto& topology, auto& answer) {
    count_hits(topology, hits, kCount, answer);
  };
  group.bounds = {[&] { return run_job(kCount, with_workers(1), build); }};
  for (const auto& [every, interval] :
       {std::pair{"100ms", milliseconds{100}}, std::pair{"1s", milliseconds{1000}}}) {
    group.variants.push_back({std::string{"checkpoint/every="} + every,
                              {{"every", every}, {"keys", std::to_string(kHot)}, {"workers", "1"}},
                              [&, interval = interval](Extra&) {
                                const TemporaryDirectory directory;
                                return run_job(kCount, with_checkpoints(directory.path(), interval),
                                               build);
                              }});
  }
  suite.measure(group);
}

// --- recovery, and the pause of a shard ----------------------------------------------------------

constexpr std::uint64_t kStateKeys = 1'000'000;
constexpr std::uint64_t kHotKeys = kStateKeys / 100;

/// First every key once, then only the hot ones: what changes between two checkpoints is 1 %.
Hit hit_number(std::uint64_t i) {
  const std::uint64_t id = i < kStateKeys ? i : i * 7919 % kHotKeys;
  return {key_of(id), 1};
}

void sum_hits(weir::Topology& topology, std::uint64_t count, std::atomic<std::uint64_t>& seen) {
  topology.source("hits", weir::io::generate<Hit>(count, hit_number))
      .key_by(&Hit::key)
      .sum(&Hit::amount)
      .changes()
      .for_each([&seen](const weir::Keyed<Key, std::int64_t>&) {
        seen.fetch_add(1, std::memory_order_relaxed);
      });
}

/// The upper end of the highest bucket with an observation in it.
double highest(const weir::Metrics& metrics, const std::string& name) {
  const weir::Metric* const metric = metrics.find(name);
  if (metric == nullptr) return 0;
  double bound = 0;
  std::uint64_t below = 0;
  for (const weir::Bucket& bucket : metric->buckets) {
    if (bucket.count > below) bound = bucket.upper_bound;
    below = bucket.count;
  }
  return bound;
}

template <class Condition>
void wait_until(const Condition& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::microseconds{200});
}

/// One job that fills the state and stops, and another that goes on where it did.
class FilledState final {
 public:
  FilledState() {
    std::atomic<std::uint64_t> seen{0};
    weir::Topology topology{"bench"};
    sum_hits(topology, kEnd, seen);
    weir::Job job{std::move(topology), with_checkpoints(directory_.path(), seconds{10})};
    job.start();
    wait_until([&] { return seen.load() >= kStateKeys; });
    job.stop();
  }

  /// The time from a new job's start to its first record. Then calls observe(job).
  template <class Observe>
  Run recover(const Observe& observe) const {
    std::atomic<std::uint64_t> seen{0};
    weir::Topology topology{"bench"};
    sum_hits(topology, kEnd, seen);
    const Stopwatch watch;
    weir::Job job{std::move(topology), with_checkpoints(directory_.path(), milliseconds{100})};
    job.start();
    wait_until([&] { return seen.load() > 0; });
    const Run run{kStateKeys, watch.elapsed(), 0};
    observe(job);
    job.cancel();
    return run;
  }

 private:
  static constexpr std::uint64_t kEnd = std::uint64_t{1} << 40;
  TemporaryDirectory directory_;
};

/// Reads keys and values from a file into a table.
Run load_by_hand(const std::string& path) {
  struct Entry {
    Key key;
    std::int64_t value;
  };
  if (!std::ifstream{path}) {
    std::ofstream file{path, std::ios::binary};
    for (std::uint64_t id = 0; id < kStateKeys; ++id) {
      const Entry entry{key_of(id), 1};
      file.write(reinterpret_cast<const char*>(&entry), sizeof entry);
    }
  }
  return timed(kStateKeys, [&] {
    std::ifstream file{path, std::ios::binary};
    std::vector<Entry> block(1 << 14);
    const auto block_bytes = static_cast<std::streamsize>(block.size() * sizeof(Entry));
    KeyTable<std::int64_t> table;
    for (;;) {
      file.read(reinterpret_cast<char*>(block.data()), block_bytes);
      const auto count = static_cast<std::size_t>(file.gcount()) / sizeof(Entry);
      if (count == 0) return static_cast<std::uint64_t>(table.size());
      for (std::size_t i = 0; i < count; ++i) table.at(block[i].key) = block[i].value;
    }
  });
}

void run_recovery(Suite& suite) {
  const FilledState state;
  const TemporaryDirectory directory;
  Group group{.name = "recovery", .has_same_answer = false};
  group.bounds = {[&] { return load_by_hand(directory.below("entries")); }};
  group.variants = {
      {"recovery/keys=1000000", {{"keys", "1000000"}, {"workers", "1"}}, [&](Extra& extra) {
         const Run run = state.recover([](weir::Job&) {});
         extra["recovery_ms"] = run.cost.seconds * 1e3;
         return run;
       }}};
  suite.measure(group);
}

void run_pause(Suite& suite) {
  const FilledState state;
  Figure figure{.name = "checkpoint/pause",
                .parameters = {{"keys", "1000000"}, {"changed", "1%"}, {"workers", "1"}}};
  state.recover([&](weir::Job& job) {
    std::this_thread::sleep_for(seconds{3});
    const weir::Metrics metrics = job.metrics();
    figure.extra["pause_ms"] = highest(metrics, "checkpoint_pause_ms");
    figure.extra["checkpoints"] = metrics.sum("checkpoints_committed_total");
  });
  suite.add(std::move(figure));
}

}  // namespace

void run_checkpoints(Suite& suite) {
  if (suite.wants("checkpoint/every=100ms") || suite.wants("checkpoint/every=1s")) {
    run_throughput(suite);
  }
  if (suite.wants("checkpoint/pause")) run_pause(suite);
  if (suite.wants("recovery/keys=1000000")) run_recovery(suite);
}

}  // namespace bench
