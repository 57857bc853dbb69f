// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/commit_cycle.hpp"
#include "checkpoint/compatibility.hpp"
#include "checkpoint/names.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// An authority that stays undecided for so long ends the attempt.
constexpr int kCommitTries = 1000;

}  // namespace

Recovery CommitCycle::recover(const TopologyRecord& topology, const AuthorityEvents& events) {
  phase_ = Phase::closed;
  is_begun_ = false;
  is_prepared_ = false;
  pending_.reset();
  unpublished_.clear();
  topology_ = topology;
  if (!lock_) lock_ = options_.storage->lock(instance_folder(place_));

  Composition truth = find_truth(events);
  do {
    timeline_ = timeline_name(options_.random());
  } while (catalog_.has_timeline(timeline_));
  if (is_wish_open(truth.content)) {
    truth.content = restore_wish(truth.content);
    truth.own = truth.content;
    truth.foreign.clear();
  } else {
    check_fit(truth);
    if (truth.content && options_.restore.drop_removed_nodes)
      drop_removed(*truth.content, topology);
  }
  restore_participants(truth.own);
  catalog_.remove_leftovers();
  adopt(truth);
  committed_ = std::move(truth.content);
  phase_ = Phase::idle;

  Recovery recovery;
  recovery.timeline = timeline_;
  recovery.starts = std::move(truth.starts);
  if (!committed_) return recovery;
  recovery.restored = committed_->identity.name;
  recovery.content = *committed_;
  return recovery;
}

JobShape CommitCycle::shape() const {
  JobShape job{topology_, {}};
  for (const auto& participant : options_.participants) {
    job.participants.push_back(participant->name());
  }
  return job;
}

/// The authority is asked first: it fences others, and knows what files do not.
Composition CommitCycle::find_truth(const AuthorityEvents& events) {
  std::optional<CommittedState> decided;
  if (authority_ != nullptr) decided = authority_->open(options_.job, events);
  // Checkpoints without a split would be named by no position.
  if (decided && options_.job.may_share && decided->splits.empty()) {
    throw NotReady("a part of the input: other processes read all of it");
  }
  catalog_.load();
  is_truth_unknown_ = false;
  try {
    if (decided) {
      return compose(*decided, *authority_, catalog_,
                     {options_.job, options_.input, options_.restore.adopt_offsets});
    }
    Composition newest;
    newest.own = catalog_.choose_newest(options_.participants.empty() && !options_.acknowledges);
    newest.content = newest.own;
    return newest;
  } catch (const CorruptState&) {
    // Restoring something older is a way out, but not one that is taken twice unasked.
    if (wish().empty() || catalog_.has_descendant_of(wish())) throw;
    is_truth_unknown_ = true;
    return {};
  }
}

/// Each checkpoint as it was written. Another instance's participants have their files elsewhere.
void CommitCycle::check_fit(const Composition& truth) const {
  const CompatibilityOptions options{.drop_removed_nodes = options_.restore.drop_removed_nodes,
                                     .may_resplit = false};
  const auto check = [&](const CheckpointContent& content) {
    check_compatibility("checkpoint " + to_string(content.identity.name), content, shape(),
                        options);
  };
  if (truth.own) check(*truth.own);
  for (const auto& [pointer, content] : truth.used) {
    if (truth.own && content.identity == truth.own->identity) continue;
    CheckpointContent parts = content;
    if (options_.job.may_share) parts.participants.clear();
    check(parts);
  }
}

/// Shards of other instances are copied, whole and merged, so that files belong to those who wrote
/// them. A crash before the next commit leaves a file that nobody refers to.
void CommitCycle::adopt(Composition& truth) {
  for (const auto& [pointer, content] : truth.used) {
    if (pointer.instance != place_.instance) catalog_.note(pointer);
  }
  if (truth.foreign.empty()) return;
  CheckpointContent file;
  file.identity = truth.content->identity;
  file.identity.name = {timeline_, CheckpointId{0}};
  file.identity.sequence = 0;  // None of the deltas to come is in it.
  file.topology = topology_;
  std::vector<ShardRecord*> adopted;
  std::vector<ChunkProducer> states;
  for (ShardRecord& shard : truth.content->shards) {
    if (!truth.foreign.contains(shard.name())) continue;
    adopted.push_back(&shard);
    file.shards.push_back(shard);
    states.push_back(whole_state_of(shard));
  }
  const std::string name = adopted_file(place_, timeline_);
  if (!write_savepoint_file(*options_.storage, name, file, states)) {
    throw IoError("'" + name + "' is in the checkpoint storage already");
  }
  for (std::size_t place = 0; place < adopted.size(); ++place) *adopted[place] = file.shards[place];
}

ChunkProducer CommitCycle::whole_state_of(const ShardRecord& shard) const {
  if (!shard.base && shard.deltas.empty()) return nullptr;
  return [this, shard](const ChunkSink& sink) { options_.foreign_state(shard, sink); };
}

/// What the options ask to start from, as CheckpointIdentity::savepoint has it; empty: nothing.
std::string CommitCycle::wish() const {
  const RestoreOptions& restore = options_.restore;
  return restore.checkpoint.empty() ? restore.savepoint : "checkpoint:" + restore.checkpoint;
}

/// It is restored once: what descends from it is newer.
bool CommitCycle::is_wish_open(const std::optional<CheckpointContent>& truth) const {
  return !wish().empty() && (!truth || truth->identity.savepoint != wish());
}

CheckpointContent CommitCycle::read_wish() const {
  const RestoreOptions& restore = options_.restore;
  const bool is_savepoint = restore.checkpoint.empty();
  CheckpointContent content = is_savepoint ? catalog_.read_savepoint(restore.savepoint)
                                           : catalog_.read_kept(restore.checkpoint);
  const std::string what =
      is_savepoint ? "savepoint '" + restore.savepoint + "'" : "checkpoint " + restore.checkpoint;
  check_compatibility(
      what, content, shape(),
      {.drop_removed_nodes = restore.drop_removed_nodes, .may_resplit = is_savepoint});
  if (is_savepoint) content.shards = split_shards(content, topology_.stages);
  drop_removed(content, topology_);
  return content;
}

/// Checkpoint 0 of this timeline says what the savepoint or the older checkpoint said.
CheckpointContent CommitCycle::restore_wish(const std::optional<CheckpointContent>& truth) {
  CheckpointContent genesis = read_wish();
  const bool repeats =
      is_truth_unknown_ || (truth && truth->identity.name != genesis.identity.name);
  if (repeats && !options_.restore.accept_repeated_output) {
    throw ConfigError("restoring '" + wish() + "' (checkpoint " + to_string(genesis.identity.name) +
                      ") repeats output: " +
                      (truth ? "checkpoint " + to_string(truth->identity.name) + " was committed"
                             : "later checkpoints may have been committed") +
                      "; set restore.accept_repeated_output to write it again");
  }
  genesis.topology = topology_;
  genesis.identity.job = place_.job;
  genesis.identity.instance = place_.instance;
  genesis.identity.name = {timeline_, CheckpointId{0}};
  genesis.identity.parent.reset();
  if (truth) genesis.identity.parent = truth->identity.name;
  genesis.identity.sequence = catalog_.next_sequence();
  genesis.identity.taken_at = options_.clock->now();
  genesis.identity.savepoint = wish();
  commit_genesis(genesis);
  return genesis;
}

void CommitCycle::commit_genesis(CheckpointContent& genesis) {
  const CheckpointName& name = genesis.identity.name;
  if (authority_ != nullptr) {
    authority_->begin();
    authority_->prepare(name, genesis.positions());
  }
  const std::vector<ChunkProducer> nothing(genesis.shards.size());
  const std::string file = checkpoint_file(place_, name);
  if (!write_checkpoint_file(*options_.storage, file, genesis, nothing)) {
    throw IoError("'" + file + "' is in the checkpoint storage already");
  }
  for (int tries = 0; authority_ != nullptr && !authority_->commit(name); ++tries) {
    if (tries == kCommitTries) throw IoError("what was restored could not be committed");
  }
  catalog_.add(genesis);
}

void CommitCycle::restore_participants(const std::optional<CheckpointContent>& own) {
  std::optional<CheckpointName> name;
  if (own) name = own->identity.name;
  for (const auto& participant : options_.participants) {
    std::string part;
    if (own) {
      for (const ParticipantRecord& record : own->participants) {
        if (record.name == participant->name()) part = record.part;
      }
    }
    participant->restore(name, part);
  }
}

}  // namespace weir::inline v0::detail
