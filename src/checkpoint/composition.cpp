// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/composition.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "checkpoint/names.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr const char* kWaysOut =
    "\nways out: bring the file back; or restore a savepoint or a checkpoint that is still kept "
    "(restore.savepoint or restore.checkpoint, with restore.accept_repeated_output); or start at "
    "the committed positions and drop the state (restore.adopt_offsets). With the last two, "
    "output is written again or state is missing";

std::string in_words(const CheckpointPointer& pointer) {
  return "checkpoint " + to_string(pointer.checkpoint) + " of instance '" + pointer.instance + "'";
}

class Composer final {
 public:
  Composer(const CommittedState& committed, CommitAuthority& authority, CheckpointCatalog& catalog,
           const CompositionOptions& options)
      : committed_{committed}, authority_{authority}, catalog_{catalog}, options_{options} {}

  Composition run() {
    find_named();
    if (named_.empty()) check_first_start();
    read_all();
    for (const auto& [id, place] : committed_.splits) place_split(id, place);
    if (options_.job.may_share) {
      take_parts();
    } else {
      take_whole();
    }
    return std::move(result_);
  }

 private:
  using Place = std::optional<CommittedSplit>;

  /// A split as a checkpoint knows it.
  struct Taken {
    const SplitRecord* record;
    CheckpointPointer from;
  };

  [[noreturn]] static void stop(const std::string& what) { throw CorruptState(what + kWaysOut); }
  /// Goes on without state only where that was asked for.
  void stop_unless_adopted(const std::string& what) const {
    if (!options_.adopt_offsets) stop(what);
  }

  void find_named() {
    named_ = committed_.named;
    if (committed_.checkpoint) named_.insert(*committed_.checkpoint);
    for (const auto& [id, place] : committed_.splits) {
      if (place && place->checkpoint) named_.insert(*place->checkpoint);
    }
  }

  /// Nothing that is committed names a checkpoint. A first start may have left files; one that
  /// builds on another shows that there was a commit. Others may have committed since we asked.
  void check_first_start() {
    const std::optional<std::string> successor = catalog_.find_successor();
    if (!successor) return;
    if (options_.job.may_share) named_ = authority_.named_checkpoints();
    if (!named_.empty()) return;
    stop_unless_adopted("nothing is committed, but '" + *successor +
                        "' follows a committed checkpoint: the committed positions have expired "
                        "or were reset");
  }

  void read_all() {
    if (committed_.checkpoint) read(*committed_.checkpoint);
    for (const auto& [id, place] : committed_.splits) {
      if (place && place->checkpoint) read(*place->checkpoint);
    }
    if (!options_.job.may_share) check_one_cut();
  }

  void read(const CheckpointPointer& pointer) {
    if (result_.used.contains(pointer) || lost_.contains(pointer)) return;
    try {
      result_.used.emplace(pointer, catalog_.read(pointer));
    } catch (const CorruptState& error) {
      stop_unless_adopted(error.what());
      lost_.insert(pointer);
    }
  }

  /// State that belongs to no split has one cut for all of them.
  void check_one_cut() const {
    const CheckpointPointer* only = committed_.checkpoint ? &*committed_.checkpoint : nullptr;
    for (const auto& [id, place] : committed_.splits) {
      if (!place || !place->checkpoint) continue;
      if (only != nullptr && *only != *place->checkpoint) {
        stop("the committed position of split '" + id.value + "' names " +
             in_words(*place->checkpoint) + ", another one names " + in_words(*only) +
             ": the job was read by several processes, which this topology does not allow (its "
             "keys are exchanged in memory)");
      }
      only = &*place->checkpoint;
    }
  }

  void place_split(const SplitId& id, const Place& place) {
    if (!place || !place->checkpoint) return place_fresh(id, place);
    const auto from = result_.used.find(*place->checkpoint);
    if (from == result_.used.end()) return start_at(id, place);  // Lost.
    const std::string name = in_words(from->first);
    bool is_known = false;
    for (const SplitRecord& split : from->second.splits) {
      if (split.name.split != id || !options_.input.sources.contains(split.name.source)) continue;
      is_known = true;
      if (!authority_.is_same_place(split.position, place->position)) continue;
      taken_.push_back({&split, from->first});
      return;
    }
    stop_unless_adopted(
        is_known
            ? name + " and the committed position of split '" + id.value + "' are not of one cut"
            : name + " does not hold split '" + id.value + "', whose committed position names it");
    start_at(id, place);
  }

  /// Its own position names no checkpoint: new, or forgotten.
  void place_fresh(const SplitId& id, const Place& place) {
    for (const CheckpointPointer& pointer : named_) {
      if (!holds(pointer, id)) continue;
      stop_unless_adopted("the committed position of split '" + id.value +
                          "' names no checkpoint, but " + in_words(pointer) +
                          " holds the split: the position has expired or was reset");
      break;
    }
    start_at(id, place);
  }

  void start_at(const SplitId& id, const Place& place) {
    if (place) result_.starts[id] = place->position;
  }

  bool holds(const CheckpointPointer& pointer, const SplitId& id) {
    const auto known = heads_.find(pointer);
    const auto& head = known != heads_.end()
                           ? known->second
                           : heads_.emplace(pointer, catalog_.find_head(pointer)).first->second;
    if (!head) return false;
    return std::any_of(head->splits.begin(), head->splits.end(), [&](const SplitRecord& split) {
      return split.name.split == id && options_.input.sources.contains(split.name.source);
    });
  }

  /// All of one checkpoint, whoever wrote it.
  void take_whole() {
    if (named_.empty()) catalog_.forget_after(0);
    if (result_.used.empty()) return;
    const auto& [pointer, content] = *result_.used.begin();
    result_.content = content;
    result_.own = content;
    if (pointer.instance == options_.job.instance) {
      catalog_.forget_after(content.identity.sequence);
      return;
    }
    for (const ShardRecord& shard : content.shards) result_.foreign.insert(shard.name());
  }

  /// Each split with the shards that its partition is, from the checkpoint that it names.
  void take_parts() {
    find_own();
    if (taken_.empty() && !result_.own) return;
    CheckpointContent content;
    const CheckpointContent& frame =
        result_.own ? *result_.own : result_.used.at(taken_.front().from);
    content.identity = frame.identity;
    content.identity.instance = options_.job.instance;
    content.topology = frame.topology;
    for (const Taken& taken : taken_) content.splits.push_back(*taken.record);
    for (const auto& [shard, from] : shards_by_checkpoint()) take_shard(shard, from, content);
    result_.content = std::move(content);
  }

  std::map<ShardName, CheckpointPointer> shards_by_checkpoint() const {
    std::map<ShardName, const Taken*> by;
    std::map<ShardName, CheckpointPointer> shards;
    for (const Taken& taken : taken_) {
      for (const auto& [stage, sources] : options_.input.bound) {
        if (!sources.contains(taken.record->name.source)) continue;
        const ShardName shard{stage, ShardId{options_.input.partition_of(taken.record->name)}};
        const auto [known, is_new] = by.emplace(shard, &taken);
        if (!is_new && known->second->from != taken.from) {
          stop("shard " + stage + "/" + std::to_string(shard.second.value) + " is fed by split '" +
               known->second->record->name.split.value + "', which names " +
               in_words(known->second->from) + ", and by split '" + taken.record->name.split.value +
               "', which names " + in_words(taken.from) +
               ": partitions of one number belong to one process");
        }
        shards.emplace(shard, taken.from);
      }
    }
    return shards;
  }

  void take_shard(const ShardName& name, const CheckpointPointer& from,
                  CheckpointContent& content) {
    for (const ShardRecord& shard : result_.used.at(from).shards) {
      if (shard.name() != name) continue;
      if (from.instance != options_.job.instance) result_.foreign.insert(name);
      content.shards.push_back(shard);
    }
  }

  /// The last checkpoint that this instance is known to have committed: one that a position names,
  /// or that somebody who took splits over has noted. What is newer never was.
  void find_own() {
    std::set<CheckpointName> candidates = catalog_.noted();
    for (const CheckpointPointer& pointer : named_) {
      if (pointer.instance == options_.job.instance) candidates.insert(pointer.checkpoint);
    }
    const StoredCheckpoint* last = nullptr;
    for (const CheckpointName& name : candidates) {
      const StoredCheckpoint* entry = catalog_.find(name);
      const bool is_later = entry != nullptr &&
                            (last == nullptr || last->identity.sequence < entry->identity.sequence);
      if (is_later) last = entry;
    }
    if (last == nullptr) {
      if (candidates.empty()) return catalog_.forget_after(0);
      return stop_unless_adopted(
          "checkpoint " + to_string(*candidates.rbegin()) +
          " was committed by this instance, and its file is missing or damaged");
    }
    take_own({last->identity.name, options_.job.instance});
  }

  void take_own(const CheckpointPointer& pointer) {
    const auto known = result_.used.find(pointer);
    try {
      result_.own = known != result_.used.end() ? known->second : catalog_.read(pointer);
      catalog_.forget_after(result_.own->identity.sequence);
    } catch (const CorruptState& error) {
      stop_unless_adopted(error.what());
    }
  }

  const CommittedState& committed_;
  CommitAuthority& authority_;
  CheckpointCatalog& catalog_;
  const CompositionOptions& options_;
  std::set<CheckpointPointer> named_;
  std::set<CheckpointPointer> lost_;
  std::map<CheckpointPointer, std::optional<CheckpointContent>> heads_;
  std::vector<Taken> taken_;
  Composition result_;
};

}  // namespace

Composition compose(const CommittedState& committed, CommitAuthority& authority,
                    CheckpointCatalog& catalog, const CompositionOptions& options) {
  return Composer{committed, authority, catalog, options}.run();
}

}  // namespace weir::inline v0::detail
