// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/commit_cycle.hpp"
#include "checkpoint/names.hpp"
#include "tests/unit/checkpoint/fakes.hpp"
#include "tests/unit/checkpoint/fixtures.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

/// What the shard's whole state is: the records "1 2 3 " in the order in which they came.
inline std::string load_state(CheckpointStorage& storage, const ShardRecord& shard) {
  std::string state;
  if (shard.base) {
    for (const FileRef& file : shard.base->files) state += read_all(*open_base_file(storage, file));
    for (const SectionRef& section : shard.base->sections) {
      state += read_all(*open_section(storage, section, FileKind::savepoint));
    }
  }
  for (const DeltaRef& delta : shard.deltas) {
    state += read_all(*open_section(storage, delta.section, FileKind::checkpoint));
  }
  return state;
}

/// One life of a job that reads the numbers 1, 2, 3..., keeps them in its state, and writes them.
class SmallJob final {
 public:
  struct Options {
    std::string life = "1";
    std::shared_ptr<CommitAuthority> authority = nullptr;
    RestoreOptions restore = {};
    std::uint32_t shards = 1;
    bool acknowledges = true;
    bool has_sink = true;
  };

  explicit SmallJob(Machine& machine) : SmallJob(machine, Options{}) {}
  SmallJob(Machine& machine, const Options& options)
      : machine_{machine}, random_{std::hash<std::string>{}(options.life)} {
    topology = {{{"numbers", {}}, {"all", {Partitioning::Kind::range, 65'536, options.shards, ""}}},
                {{NodeId{1}, "numbers", "source", {}}, {NodeId{2}, "all", "process", {}}}};
    sink = std::make_shared<FakeSink>(machine.disk, options.life);
    CommitCycleOptions cycle_options;
    cycle_options.job.job = "small";
    cycle_options.storage = machine.storage;
    cycle_options.clock = &clock_;
    cycle_options.random = [this] { return random_.next(); };
    if (options.has_sink) cycle_options.participants = {sink};
    cycle_options.authority = options.authority;
    cycle_options.input.sources = {"numbers"};
    cycle_options.acknowledges = options.acknowledges;
    cycle_options.restore = options.restore;
    cycle_options.on_committed = [this](const SplitName&, const Position& position) {
      acknowledged = position.bytes;
    };
    cycle = std::make_unique<CommitCycle>(std::move(cycle_options));
  }

  void start() {
    recovery = cycle->recover(topology);
    if (recovery.restored) {
      next_ = std::stoi(recovery.content.splits.at(0).position.bytes);
      state = load_state(*machine_.storage, recovery.content.shards.at(0));
    }
    cycle->begin();
  }

  /// Reads so many numbers.
  void read(int count) {
    for (; count > 0; --count, ++next_) {
      const std::string record = std::to_string(next_) + " ";
      state += record;
      delta_ += record;
      sink->write(record);
    }
  }

  CheckpointDraft draft() {
    CheckpointDraft parts;
    parts.id = CheckpointId{++checkpoint_};
    parts.splits = {{{"numbers", SplitId{"0"}}, Position{std::to_string(next_)}, {}, {}}};
    DraftShard shard;
    shard.stage = "all";
    shard.delta = stream_of({std::exchange(delta_, "")});
    shard.new_base = std::exchange(base_, std::nullopt);
    parts.shards.push_back(std::move(shard));
    return parts;
  }

  void commit() {
    while (!cycle->commit()) {
    }
  }

  void checkpoint() {
    cycle->store(draft());
    commit();
    cycle->begin();
    cycle->publish();
    cycle->acknowledge();
    cycle->retain();
  }

  /// Stores all state of the last committed checkpoint as a base, for the next draft.
  void make_base() {
    base_ = cycle->new_base();
    const std::string all = load_state(*machine_.storage, cycle->committed()->shards[0]);
    base_->files = {store_base_stream(*machine_.storage,
                                      cycle->base_prefix(cycle->committed()->shards[0]) + "all",
                                      stream_of({all}))};
  }

  void save(const std::string& name) {
    cycle->write_savepoint(name, [&](const ShardRecord& shard, const ChunkSink& out) {
      out(load_state(*machine_.storage, shard));
    });
  }

  int next() const { return next_; }

  TopologyRecord topology;
  std::shared_ptr<FakeSink> sink;
  std::unique_ptr<CommitCycle> cycle;
  Recovery recovery;
  std::string state;
  std::string acknowledged;

 private:
  Machine& machine_;
  Random random_;
  StoppedClock clock_;
  int next_ = 1;
  std::uint64_t checkpoint_ = 0;
  std::string delta_;
  std::optional<BaseRef> base_;
};

/// "1 2 3 ... count "
inline std::string numbers_to(int count) {
  std::string text;
  for (int number = 1; number <= count; ++number) text += std::to_string(number) + " ";
  return text;
}

/// Every number in published files, sorted.
inline std::string published(const Machine& machine) {
  std::vector<int> numbers;
  for (const std::string& file : machine.disk->all_files()) {
    if (!file.starts_with("out/") || file.starts_with("out/.")) continue;
    std::istringstream text{machine.disk->content(file)};
    for (int number = 0; text >> number;) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  std::string all;
  for (const int number : numbers) all += std::to_string(number) + " ";
  return all;
}

}  // namespace weir::inline v0::detail
