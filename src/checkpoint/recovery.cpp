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

Recovery CommitCycle::recover(const TopologyRecord& topology) {
  phase_ = Phase::closed;
  is_begun_ = false;
  is_prepared_ = false;
  pending_.reset();
  unpublished_.clear();
  topology_ = topology;
  if (!lock_) lock_ = options_.storage->lock(instance_folder(place_));

  std::optional<CheckpointContent> truth = find_truth();
  do {
    timeline_ = timeline_name(options_.random());
  } while (catalog_.has_timeline(timeline_));
  const bool drops = options_.restore.drop_removed_nodes;
  if (wants_savepoint(truth)) {
    truth = restore_savepoint(truth);
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
std::optional<CheckpointContent> CommitCycle::find_truth() {
  std::optional<CommittedState> decided;
  if (options_.authority) decided = options_.authority->open({options_.job, options_.instance});
  catalog_.load();
  is_truth_unknown_ = false;
  const std::string& savepoint = options_.restore.savepoint;
  try {
    if (decided) return catalog_.choose(*decided);
    return catalog_.choose_newest(options_.participants.empty() && !options_.acknowledges);
  } catch (const CorruptState&) {
    // Restoring a savepoint is a way out, but not one that is taken twice unasked.
    if (savepoint.empty() || catalog_.has_descendant_of(savepoint)) throw;
    is_truth_unknown_ = true;
    return std::nullopt;
  }
}

/// A savepoint is restored once: what descends from it is newer.
bool CommitCycle::wants_savepoint(const std::optional<CheckpointContent>& truth) const {
  const std::string& savepoint = options_.restore.savepoint;
  return !savepoint.empty() && (!truth || truth->identity.savepoint != savepoint);
}

/// Makes the savepoint the truth, as checkpoint 0 of the new timeline.
CheckpointContent CommitCycle::restore_savepoint(const std::optional<CheckpointContent>& truth) {
  const RestoreOptions& restore = options_.restore;
  CheckpointContent genesis = catalog_.read_savepoint(restore.savepoint);
  const bool repeats =
      is_truth_unknown_ || (truth && truth->identity.name != genesis.identity.name);
  if (repeats && !restore.accept_repeated_output) {
    throw ConfigError("restoring savepoint '" + restore.savepoint + "' (of checkpoint " +
                      to_string(genesis.identity.name) + ") repeats output: " +
                      (truth ? "checkpoint " + to_string(truth->identity.name) + " was committed"
                             : "later checkpoints may have been committed") +
                      "; set restore.accept_repeated_output to write it again");
  }
  check_compatibility("savepoint '" + restore.savepoint + "'", genesis, shape(),
                      {.drop_removed_nodes = restore.drop_removed_nodes, .may_resplit = true});
  genesis.shards = split_shards(genesis, topology_.stages);
  drop_removed(genesis, topology_);
  genesis.topology = topology_;
  genesis.identity.job = options_.job;
  genesis.identity.instance = options_.instance;
  genesis.identity.name = {timeline_, CheckpointId{0}};
  genesis.identity.parent.reset();
  if (truth) genesis.identity.parent = truth->identity.name;
  genesis.identity.sequence = catalog_.next_sequence();
  genesis.identity.taken_at = options_.clock->now();
  genesis.identity.savepoint = restore.savepoint;
  commit_genesis(genesis);
  return genesis;
}

void CommitCycle::commit_genesis(CheckpointContent& genesis) {
  const CheckpointName& name = genesis.identity.name;
  CommitAuthority* authority = options_.authority.get();
  if (authority != nullptr) {
    authority->begin();
    authority->prepare(name, genesis.positions());
  }
  const std::vector<ChunkProducer> nothing(genesis.shards.size());
  const std::string file = checkpoint_file(place_, name);
  if (!write_checkpoint_file(*options_.storage, file, genesis, nothing)) {
    throw IoError("'" + file + "' is in the checkpoint storage already");
  }
  for (int tries = 0; authority != nullptr && !authority->commit(name); ++tries) {
    if (tries == kCommitTries) throw IoError("the restored savepoint could not be committed");
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
