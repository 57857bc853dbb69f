// SPDX-License-Identifier: Apache-2.0
#include "runtime/checkpoint_driver.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "graph/node_id.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {

CheckpointDriver::CheckpointDriver(CheckpointDriverOptions options)
    : options_{std::move(options)}, storage_{options_.storage} {
  find_participants();
  if (storage_) cycle_ = make_cycle();
}

CheckpointDriver::~CheckpointDriver() = default;

void CheckpointDriver::find_participants() {
  for (const Node& node : options_.graph->nodes) {
    std::shared_ptr<Participant> participant;
    std::shared_ptr<CommitAuthority> authority;
    if (node.source) {
      participant = node.source->participant();
      authority = node.source->authority();
    } else if (node.sink) {
      participant = node.sink->participant();
      authority = node.sink->authority();
    }
    const auto known = std::find(participants_.begin(), participants_.end(), participant);
    if (participant && known == participants_.end()) participants_.push_back(participant);
    if (authority) authority_ = authority;
  }
}

std::unique_ptr<CommitCycle> CheckpointDriver::make_cycle() {
  CommitCycleOptions options;
  options.job = options_.graph->job_name;
  options.instance = options_.options->instance;
  options.storage = storage_;
  options.clock = options_.clock;
  options.random = options_.random;
  options.participants = participants_;
  options.authority = authority_;
  options.on_committed = [this](const SplitName& split, const Position& position) {
    for (const Node& node : options_.graph->nodes) {
      if (node.source && node.name == split.source) node.source->committed(split.split, position);
    }
  };
  options.checkpoints = options_.options->checkpoints;
  options.restore = options_.options->restore;
  return std::make_unique<CommitCycle>(std::move(options));
}

TopologyRecord CheckpointDriver::topology() const {
  TopologyRecord record;
  for (const PlanStage& stage : options_.plan->stages) {
    Partitioning partitioning;
    if (stage.is_keyed()) {
      partitioning.kind = Partitioning::Kind::range;
      partitioning.key_groups = kKeyGroups;
      partitioning.shards = stage.shards;
    }
    record.stages.push_back({stage.name, std::move(partitioning)});
  }
  for (const Node& node : options_.graph->nodes) {
    if (node.kind != NodeKind::source && node.kind != NodeKind::keyed) continue;
    record.nodes.push_back({node_id(node.name), node.name, node.operation, {}});
  }
  return record;
}

RestoredTasks CheckpointDriver::recover() {
  if (!cycle_) {
    for (const auto& participant : participants_) participant->restore(std::nullopt, {});
    return {};
  }
  recovery_ = cycle_->recover(topology());
  timeline_ = recovery_.timeline;
  return restored_tasks(recovery_);
}

RestoredTasks CheckpointDriver::restored_tasks(const Recovery& recovery) const {
  RestoredTasks tasks;
  for (const SplitRecord& split : recovery.content.splits) {
    tasks[{split.name.source, split.name.split.value}] = {split.position, split.watermark,
                                                          split.blobs};
  }
  for (const ShardRecord& shard : recovery.content.shards) {
    tasks[{shard.stage, std::to_string(shard.shard.value)}] = {std::nullopt, shard.watermark,
                                                               shard.blobs};
  }
  return tasks;
}

void CheckpointDriver::begin() {
  if (cycle_) cycle_->begin();
}

CheckpointDraft CheckpointDriver::draft_of(StoreRequest& request) {
  CheckpointDraft draft;
  draft.id = request.checkpoint;
  draft.is_finished = request.is_finished;
  for (TaskPart& part : request.parts) {
    const PlanStage& stage = options_.plan->stages[part.stage.value];
    if (!stage.is_keyed()) {
      draft.splits.push_back({{stage.name, SplitId{part.task}}, std::move(part.position),
                              part.watermark, std::move(part.blobs)});
      continue;
    }
    DraftShard shard;
    shard.stage = stage.name;
    shard.shard = part.shard;
    shard.watermark = part.watermark;
    shard.blobs = std::move(part.blobs);
    draft.shards.push_back(std::move(shard));
  }
  return draft;
}

std::uint64_t CheckpointDriver::store(StoreRequest request) {
  if (!cycle_) {
    for (const auto& participant : participants_) participant->stage(request.checkpoint);
    return 0;
  }
  savepoint_ = request.savepoint;
  return cycle_->store(draft_of(request));
}

bool CheckpointDriver::commit() {
  if (!cycle_) return true;
  if (!cycle_->commit()) return false;
  cycle_->begin();  // Output after the barrier flows on while this one is published.
  return true;
}

void CheckpointDriver::publish(CheckpointId checkpoint) {
  if (!cycle_) {
    for (const auto& participant : participants_) participant->publish(checkpoint);
    return;
  }
  for (const CommitCycle::Unconfirmed& each : cycle_->publish()) {
    options_.log->warn("publish", "sink '" + each.participant + "' could not publish checkpoint " +
                                      std::to_string(checkpoint.value) +
                                      ", it will be tried again: " + each.reason);
  }
  cycle_->acknowledge();
  if (!savepoint_.empty()) write_savepoint();
  cycle_->retain();
}

}  // namespace weir::inline v0::detail
