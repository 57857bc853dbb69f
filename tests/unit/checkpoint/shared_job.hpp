// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/checkpoint/small_job.hpp"
#include "weir/random.hpp"

namespace weir::inline v0::detail {

/// What a group has committed, outside of all processes.
struct Group {
  std::map<SplitId, CommittedSplit> committed;
  bool is_away = false;

  std::set<CheckpointPointer> named() const {
    std::set<CheckpointPointer> all;
    for (const auto& [split, place] : committed) {
      if (place.checkpoint) all.insert(*place.checkpoint);
    }
    return all;
  }
};

/// One process's membership in the group.
class Membership final : public CommitAuthority {
 public:
  Membership(Group& group, std::set<SplitId> assigned)
      : group_{group}, assigned_{std::move(assigned)} {}

  CommittedState open(const JobIdentity& job, const AuthorityEvents&) override {
    job_ = job;
    CommittedState state;
    for (const SplitId& split : assigned_) {
      const auto place = group_.committed.find(split);
      state.splits[split] =
          place == group_.committed.end() ? std::nullopt : std::optional{place->second};
    }
    state.named = group_.named();
    return state;
  }
  void begin() override {}
  void prepare(const CheckpointName& checkpoint, const Positions& positions) override {
    prepared_.clear();
    for (const auto& [split, position] : positions) {
      prepared_[split.split] = {position, CheckpointPointer{checkpoint, job_.instance}};
    }
  }
  bool commit(const CheckpointName&) override {
    for (const auto& [split, place] : prepared_) group_.committed[split] = place;
    return true;
  }
  std::set<CheckpointPointer> named_checkpoints() override {
    if (group_.is_away) throw IoError{"the group is away"};
    return group_.named();
  }

 private:
  Group& group_;
  const std::set<SplitId> assigned_;
  JobIdentity job_;
  std::map<SplitId, CommittedSplit> prepared_;
};

inline SplitId split_of(std::uint32_t partition) { return {"t/" + std::to_string(partition)}; }

/// One life of one of the processes that share a job: partition p of topic "t" has the numbers 1,
/// 2, 3..., which shard p keeps; a sink writes them, too.
class SharedJob final {
 public:
  struct Options {
    std::string instance = "0";
    std::set<std::uint32_t> partitions = {};
    std::string life = "1";
    bool may_share = true;
    bool adopt_offsets = false;
    std::string restore_checkpoint = {};
    /// A second source, "more", that is read in the same partitions.
    bool has_second = false;
    std::uint32_t partition_count = 4;
  };

  SharedJob(Machine& machine, Group& group, Options options)
      : machine_{machine},
        options_{std::move(options)},
        random_{std::hash<std::string>{}(options_.instance + options_.life)} {
    const Partitioning bound{Partitioning::Kind::external, 0, options_.partition_count, "t"};
    const Partitioning whole{Partitioning::Kind::range, 65'536, options_.partition_count, ""};
    topology_ = {{{"words", {}}, {"count", options_.may_share ? bound : whole}},
                 {{NodeId{1}, "words", "source", {}}, {NodeId{2}, "count", "process", {}}}};
    sink = std::make_shared<FakeSink>(machine.disk, options_.instance + options_.life,
                                      options_.instance);
    std::set<SplitId> assigned;
    for (const std::uint32_t partition : options_.partitions) {
      assigned.insert(split_of(partition));
      if (options_.has_second) assigned.insert(second_of(partition));
    }
    membership = std::make_shared<Membership>(group, std::move(assigned));
    cycle = std::make_unique<CommitCycle>(cycle_options());
  }

  void start() {
    recovery = cycle->recover(topology_);
    for (const std::uint32_t partition : options_.partitions) {
      next_[partition] = 1;
      const auto start = recovery.starts.find(split_of(partition));
      if (start != recovery.starts.end()) next_[partition] = std::stoi(start->second.bytes);
    }
    for (const SplitRecord& split : recovery.content.splits) {
      if (split.name.source == "words")
        next_[number_of(split.name)] = std::stoi(split.position.bytes);
    }
    for (const ShardRecord& shard : recovery.content.shards) {
      state[shard.shard.value] = load_state(*machine_.storage, shard);
    }
    cycle->begin();
  }

  /// Reads so many numbers of a partition.
  void read(std::uint32_t partition, int count) {
    for (; count > 0; --count) {
      const std::string record = std::to_string(next_[partition]++) + " ";
      state[partition] += record;
      delta_[partition] += record;
      sink->write(record);
    }
  }
  void read_all(int count) {
    for (const std::uint32_t partition : options_.partitions) read(partition, count);
  }

  void store() { cycle->store(draft()); }
  void checkpoint() {
    store();
    cycle->commit();
    cycle->begin();
    cycle->publish();
    cycle->retain();
  }
  /// Stores a base of a shard's last committed state, for the next checkpoint.
  void make_base(std::uint32_t partition) {
    for (const ShardRecord& shard : cycle->committed()->shards) {
      if (shard.shard.value != partition) continue;
      BaseRef base = cycle->new_base();
      base.files = {store_base_stream(*machine_.storage, cycle->base_prefix(shard) + "all",
                                      stream_of({load_state(*machine_.storage, shard)}))};
      bases_[partition] = std::move(base);
    }
  }
  std::string last_checkpoint() const { return to_string(cycle->committed()->identity.name); }
  std::string file() const {
    return checkpoint_file({"shared", options_.instance}, cycle->committed()->identity.name);
  }

  std::shared_ptr<FakeSink> sink;
  std::shared_ptr<Membership> membership;
  std::unique_ptr<CommitCycle> cycle;
  Recovery recovery;
  std::map<std::uint32_t, std::string> state;

 private:
  static SplitId second_of(std::uint32_t partition) { return {"m/" + std::to_string(partition)}; }
  static std::uint32_t number_of(const SplitName& split) {
    return static_cast<std::uint32_t>(
        std::stoul(split.split.value.substr(split.split.value.find('/') + 1)));
  }

  CommitCycleOptions cycle_options() {
    CommitCycleOptions wanted;
    wanted.job.job = "shared";
    wanted.job.instance = options_.instance;
    wanted.job.may_share = options_.may_share;
    wanted.storage = machine_.storage;
    wanted.clock = &clock_;
    wanted.random = [this] { return random_.next(); };
    wanted.participants = {sink};
    wanted.authority = membership;
    wanted.input.sources = {"words", "more"};
    if (options_.may_share) wanted.input.bound["count"] = {"words", "more"};
    wanted.input.partition_of = number_of;
    wanted.restore.adopt_offsets = options_.adopt_offsets;
    wanted.restore.checkpoint = options_.restore_checkpoint;
    wanted.restore.accept_repeated_output = !options_.restore_checkpoint.empty();
    wanted.foreign_state = [this](const ShardRecord& shard, const ChunkSink& out) {
      out(load_state(*machine_.storage, shard));
    };
    return wanted;
  }

  CheckpointDraft draft() {
    CheckpointDraft parts;
    parts.id = CheckpointId{++checkpoint_};
    for (const std::uint32_t partition : options_.partitions) {
      const Position position{std::to_string(next_[partition])};
      parts.splits.push_back({{"words", split_of(partition)}, position, {}, {}});
      if (options_.has_second) {
        parts.splits.push_back({{"more", second_of(partition)}, Position{"0"}, {}, {}});
      }
      DraftShard shard;
      shard.stage = "count";
      shard.shard = ShardId{partition};
      shard.delta = stream_of({std::exchange(delta_[partition], "")});
      const auto base = bases_.find(partition);
      if (base != bases_.end()) shard.new_base = base->second;
      parts.shards.push_back(std::move(shard));
    }
    bases_.clear();
    return parts;
  }

  Machine& machine_;
  const Options options_;
  Random random_;
  StoppedClock clock_;
  TopologyRecord topology_;
  std::map<std::uint32_t, int> next_;
  std::map<std::uint32_t, std::string> delta_;
  std::map<std::uint32_t, BaseRef> bases_;
  std::uint64_t checkpoint_ = 0;
};

}  // namespace weir::inline v0::detail
