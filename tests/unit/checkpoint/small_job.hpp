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
#include "tests/unit/checkpoint/fixtures.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

class StoppedClock final : public Clock {
 public:
  EventTime now() const override { return EventTime{1'000'000}; }
  std::int64_t monotonic_ns() const override { return 0; }
};

/// A log with transactions, outside of the process: it keeps what it has committed.
class FakeAuthority final : public CommitAuthority {
 public:
  explicit FakeAuthority(testing::Effects& effects) : effects_{effects} {}

  CommittedState open(const JobIdentity&) override {
    return effects_.run("open", "log", [&] {
      prepared_.reset();
      return committed;
    });
  }
  void begin() override {}
  void prepare(const CheckpointName& checkpoint, const Positions& positions) override {
    prepared_ = CommittedState{checkpoint, {}};
    for (const auto& [split, position] : positions) prepared_->positions[split.split] = position;
  }
  bool commit(const CheckpointName& checkpoint) override {
    if (is_undecided_ = !is_undecided_; is_undecided_) return false;
    effects_.run("commit", to_string(checkpoint), [&] { committed = *prepared_; });
    return true;
  }

  CommittedState committed;

 private:
  testing::Effects& effects_;
  std::optional<CommittedState> prepared_;
  bool is_undecided_ = false;
};

/// Output files: hidden until they are published. Every life of the process names them anew, so
/// that a record that is published twice shows twice.
class FakeSink final : public Participant {
 public:
  FakeSink(std::shared_ptr<FileSystem> files, std::string life)
      : files_{std::move(files)}, life_{std::move(life)} {
    files_->create_directories("out");
    files_->sync_directory(".");
  }

  void write(const std::string& record) { buffer_ += record; }

  std::string name() const override { return "files"; }

  std::string stage(CheckpointId checkpoint) override {
    const std::string file = life_ + "-" + std::to_string(checkpoint.value);
    const auto out = files_->create(hidden(file));
    out->write(buffer_);
    out->sync();
    files_->sync_directory("out");
    buffer_.clear();
    waiting_.push_back(file);
    std::string part;
    for (const std::string& each : waiting_) part += each + "\n";
    return part;
  }

  void publish(CheckpointId) override {
    if (fails) throw IoError("the disk of the output is away");
    for (const std::string& file : waiting_) {
      if (files_->exists(hidden(file))) files_->rename(hidden(file), "out/" + file);
    }
    files_->sync_directory("out");
    waiting_.clear();
  }

  void restore(const std::optional<CheckpointName>&, std::string_view part) override {
    buffer_.clear();
    waiting_.clear();
    while (!part.empty()) {
      waiting_.emplace_back(part.substr(0, part.find('\n')));
      part.remove_prefix(part.find('\n') + 1);
    }
    publish({});
    for (const std::string& file : files_->list("out")) {
      if (file.starts_with('.')) files_->remove("out/" + file);
    }
    files_->sync_directory("out");
  }

  bool fails = false;

 private:
  static std::string hidden(const std::string& file) { return "out/." + file; }

  const std::shared_ptr<FileSystem> files_;
  const std::string life_;
  std::string buffer_;
  std::vector<std::string> waiting_;
};

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
    cycle_options.job = "small";
    cycle_options.storage = machine.storage;
    cycle_options.clock = &clock_;
    cycle_options.random = [this] { return random_.next(); };
    if (options.has_sink) cycle_options.participants = {sink};
    cycle_options.authority = options.authority;
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
