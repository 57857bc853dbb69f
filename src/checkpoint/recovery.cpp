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

  std::optional<CheckpointContent> truth = find_truth(events);
  do {
    timeline_ = timeline_name(options_.random());
  } while (catalog_.has_timeline(timeline_));
  const bool drops = options_.restore.drop_removed_nodes;
  if (is_wish_open(truth)) {
    truth = restore_wish(truth);
  } else if (truth) {
    check_compatibility("checkpoint " + to_string(truth->identity.name), *truth, shape(),
                        {.drop_removed_nodes = drops, .may_resplit = false});
    if (drops) drop_removed(*truth, topology);
  }
  committed_ = std::move(truth);
  restore_participants();
  catalog_.remove_leftovers();
  phase_ = Phase::idle;

  Recovery recovery;
  recovery.timeline = timeline_;
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
std::optional<CheckpointContent> CommitCycle::find_truth(const AuthorityEvents& events) {
  std::optional<CommittedState> decided;
  if (authority_ != nullptr) decided = authority_->open(options_.job, events);
  catalog_.load();
  is_truth_unknown_ = false;
  try {
    if (decided) return catalog_.choose(*decided, *authority_);
    return catalog_.choose_newest(options_.participants.empty() && !options_.acknowledges);
  } catch (const CorruptState&) {
    // Restoring something older is a way out, but not one that is taken twice unasked.
    if (wish().empty() || catalog_.has_descendant_of(wish())) throw;
    is_truth_unknown_ = true;
    return std::nullopt;
  }
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

void CommitCycle::restore_participants() {
  std::optional<CheckpointName> name;
  if (committed_) name = committed_->identity.name;
  for (const auto& participant : options_.participants) {
    std::string part;
    if (committed_) {
      for (const ParticipantRecord& record : committed_->participants) {
        if (record.name == participant->name()) part = record.part;
      }
    }
    participant->restore(name, part);
  }
}

}  // namespace weir::inline v0::detail
