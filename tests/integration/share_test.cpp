// SPDX-License-Identifier: Apache-2.0
// Goal: processes that share a job take partitions over from each other, with their state, and the
// output is as if one had read everything once.
// Method: jobs on real threads and real files that read one simulated log; partitions move at
// random moments, and jobs die without a last commit. Each key's counts have to be 1, 2, 3...
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "integration/job_harness.hpp"
#include "weir/random.hpp"
#include "weir/stable_hash.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"
#ifdef WEIR_TEST_ROCKSDB
#include "weir/rocksdb.hpp"
#endif

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;
using Counted = Change<std::string, std::int64_t>;

constexpr std::uint32_t kPartitions = 4;
constexpr int kKeys = 200;

/// The log, and where checkpoints of all processes lie.
struct Machine {
  Machine() {
    log.create_topic("words", kPartitions);
    log.create_topic("counts", 2);
  }
  /// Each key once, in the partition of its hash.
  void append_round() {
    for (int key = 0; key < kKeys; ++key) {
      const std::string word = "word " + std::to_string(key);
      const auto number = static_cast<std::uint32_t>(stable_hash(word) % kPartitions);
      log.append({"words", number}, {.key = word, .value = word});
      ++appended;
    }
  }

  testing::Effects effects;
  SystemClock clock;
  testing::SimLog log{effects, clock};
  ScratchDirectory scratch;
  std::size_t appended = 0;
};

/// One process that shares the job.
class Member final {
 public:
  Member(Machine& machine, const std::string& instance, std::set<std::uint32_t> partitions,
         bool has_rocksdb)
      : client_{std::make_shared<testing::LogClient>(machine.log)} {
    client_->assign(std::move(partitions), "");
    Topology topology{"shared"};
    topology
        .source("words", testing::log_source<std::string>(
                             client_, "words",
                             [](const testing::LogRecord& record) { return *record.value; },
                             {.is_bounded = false}))
        .key_by(std::identity{})
        .keyed_by_partition()
        .count()
        .changes()
        .to("counts", testing::log_sink<Counted>(client_, "counts", [](const Counted& counted) {
              return testing::LogRecord{.key = counted.key, .value = std::to_string(*counted.now)};
            }));
    job_ = std::make_unique<Job>(std::move(topology), options(machine, instance, has_rocksdb));
    job_->start();
  }

  /// Other partitions from now on. What it had is committed first; returns when it reads on.
  bool assign(std::set<std::uint32_t> partitions) {
    const std::uint32_t before = client_->open_count();
    const JobState wanted = partitions.empty() ? JobState::standby : JobState::running;
    client_->assign(std::move(partitions), "partitions move");
    return eventually(
        [&] { return client_->open_count() > before && job_->status().state == wanted; });
  }
  bool is_in(JobState state) {
    return eventually([&] { return job_->status().state == state; });
  }
  void cancel() { job_->cancel(); }
  std::string error() const { return job_->status().last_error; }

  template <class F>
  static bool eventually(F is_true) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!is_true()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

 private:
  static JobOptions options(const Machine& machine, const std::string& instance, bool has_rocksdb) {
    JobOptions options = with_checkpoints(machine.scratch / "c");
    options.guarantee = Guarantee::exactly_once;
    options.instance = instance;
    options.workers = 1;
    options.checkpoints.max_delta_files = 2;
#ifdef WEIR_TEST_ROCKSDB
    if (has_rocksdb)
      options.state = rocksdb::state({.directory = machine.scratch / ("s-" + instance)});
#endif
    (void)has_rocksdb;
    return options;
  }

  const std::shared_ptr<testing::LogClient> client_;  // Shared with the job.
  std::unique_ptr<Job> job_;
};

/// What is wrong with the counts; empty: each key's are 1, 2, 3... up to `rounds`.
std::string fault_in(const Machine& machine, std::int64_t rounds) {
  std::map<std::string, std::int64_t> counts;
  for (const testing::LogRecord& record : machine.log.committed_records("counts")) {
    const std::string& key = record.key.value();
    const std::int64_t expected = ++counts[key];
    if (*record.value != std::to_string(expected)) {
      return key + " is " + *record.value + " where " + std::to_string(expected) + " is due";
    }
  }
  for (const auto& [key, count] : counts) {
    if (count != rounds) return key + " was counted up to " + std::to_string(count);
  }
  return counts.size() == kKeys ? "" : std::to_string(counts.size()) + " keys";
}

/// What was written to the first partition of the output, committed or not.
std::uint64_t end_of_counts(const Machine& machine) {
  return machine.log.end_offset({"counts", 0});
}

bool is_caught_up(const Machine& machine) {
  return machine.log.committed_records("counts").size() >= machine.appended;
}

void move_partitions_about(bool has_rocksdb) {
  Machine machine;
  Random random{7};
  std::map<std::string, std::set<std::uint32_t>> wanted{{"a", {0, 1, 2, 3}}, {"b", {}}};
  std::map<std::string, std::unique_ptr<Member>> members;
  const auto start = [&](const std::string& name) {
    members[name] = std::make_unique<Member>(machine, name, wanted[name], has_rocksdb);
    const JobState state = wanted[name].empty() ? JobState::standby : JobState::running;
    ASSERT_TRUE(members[name]->is_in(state)) << members[name]->error();
  };
  start("a");
  start("b");
  int rounds = 0;
  for (int move = 0; move < 12; ++move) {
    machine.append_round();
    ++rounds;
    // Somewhere in the middle of it, or behind it.
    const std::uint64_t seen = end_of_counts(machine) + random.below(kKeys);
    ASSERT_TRUE(Member::eventually(
        [&] { return end_of_counts(machine) >= seen || is_caught_up(machine); }));
    std::set<std::uint32_t> of_a;
    std::set<std::uint32_t> of_b;
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
      (random.chance(0.5) ? of_a : of_b).insert(partition);
    }
    if (random.chance(0.3)) {
      members["a"]->cancel();  // Dies with whatever it has not committed.
      members["a"].reset();
      wanted["a"] = {};
      start("a");
    } else {
      ASSERT_TRUE(members["a"]->assign({})) << members["a"]->error();
    }
    ASSERT_TRUE(members["b"]->assign(of_b)) << members["b"]->error();
    ASSERT_TRUE(members["a"]->assign(of_a)) << members["a"]->error();
  }
  EXPECT_TRUE(Member::eventually([&] { return is_caught_up(machine); }))
      << members["a"]->error() << members["b"]->error();
  EXPECT_EQ(fault_in(machine, rounds), "");
}

TEST(SharedJob, CountsGoOnWhereverPartitionsAreRead) { move_partitions_about(false); }

#ifdef WEIR_TEST_ROCKSDB
TEST(SharedJob, CountsGoOnWhereverPartitionsAreReadWithStateInRocksDb) {
  move_partitions_about(true);
}
#endif

}  // namespace
}  // namespace weir::inline v0
