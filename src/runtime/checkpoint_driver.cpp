// SPDX-License-Identifier: Apache-2.0
#include "runtime/checkpoint_driver.hpp"

#include <algorithm>
#include <utility>

#include "checkpoint/names.hpp"
#include "checkpoint/savepoint.hpp"
#include "graph/authority.hpp"
#include "graph/node_id.hpp"
#include "graph/partitions.hpp"
#include "state/state_stream.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {
namespace {

/// Sorts and streams what a shard handed over; silent when nothing has changed.
ChunkProducer producer_of(std::shared_ptr<const std::string> raw) {
  return [raw = std::move(raw)](const ChunkSink& sink) {
    if (raw == nullptr) return;
    StateOp first;
    if (RawDeltaReader{*raw}.next(first)) write_delta(*raw, sink);
  };
}

Partitioning partitioning_of(const PlanStage& stage) {
  Partitioning partitioning;
  if (!stage.is_keyed()) return partitioning;
  partitioning.shards = stage.shards;
  if (stage.placement == KeyPlacement::partition) {
    partitioning.kind = Partitioning::Kind::external;
    partitioning.topic = stage.topic;
  } else {
    partitioning.kind = Partitioning::Kind::range;
    partitioning.key_groups = kKeyGroups;
  }
  return partitioning;
}

}  // namespace

JobIdentity job_identity(const Graph& graph, const JobOptions& options) {
  JobIdentity job{graph.job_name, options.instance};
  job.guarantee = options.guarantee;
  job.checkpoint_interval = options.checkpoints.interval;
  return job;
}

CheckpointDriver::CheckpointDriver(CheckpointDriverOptions options)
    : options_{std::move(options)}, storage_{options_.storage} {
  find_participants();
  if (!storage_) return;
  cycle_ = make_cycle();
  bases_ = std::make_unique<BaseKeeper>(storage_, *options_.background, *options_.log);
}

CheckpointDriver::~CheckpointDriver() = default;

void CheckpointDriver::find_participants() {
  for (const Node& node : options_.graph->nodes) {
    std::shared_ptr<Participant> participant;
    if (node.source) participant = node.source->participant();
    if (node.sink) participant = node.sink->participant();
    const auto known = std::find(participants_.begin(), participants_.end(), participant);
    if (participant && known == participants_.end()) participants_.push_back(participant);
  }
  const auto authorities = authorities_of(*options_.graph);
  if (!authorities.empty()) authority_ = authorities.front();
}

std::unique_ptr<CommitCycle> CheckpointDriver::make_cycle() {
  CommitCycleOptions options;
  options.job = job_identity(*options_.graph, *options_.options);
  options.job.may_share = may_share(*options_.plan, *options_.graph);
  options.job.inline_io = options_.is_ordered;
  options.job.clock = options_.clock;
  options.storage = storage_;
  options.clock = options_.clock;
  options.random = options_.random;
  options.participants = participants_;
  options.authority = authority_;
  options.input = authority_input();
  options.foreign_state = [this](const ShardRecord& shard, const ChunkSink& sink) {
    write_foreign(storage_, shard, *options_.store_of(shard.stage, shard.shard), sink);
  };
  options.on_committed = [this](const SplitName& split, const Position& position) {
    for (const Node& node : options_.graph->nodes) {
      if (node.source && node.name == split.source) node.source->committed(split.split, position);
    }
  };
  options.checkpoints = options_.options->checkpoints;
  options.restore = options_.options->restore;
  return std::make_unique<CommitCycle>(std::move(options));
}

AuthorityInput CheckpointDriver::authority_input() const {
  AuthorityInput input;
  std::map<std::string, AnySource*> sources;
  for (const Node& node : options_.graph->nodes) {
    if (!authority_ || !node.source || node.source->authority() != authority_) continue;
    input.sources.insert(node.name);
    sources[node.name] = node.source.get();
  }
  for (const PlanStage& stage : options_.plan->stages) {
    if (!stage.is_bound()) continue;
    std::set<std::string>& above = input.bound[stage.name];
    for (const std::size_t source : sources_above(*options_.plan, stage.id)) {
      above.insert(options_.graph->nodes[source].name);
    }
  }
  input.partition_of = [sources](const SplitName& split) {
    return sources.at(split.source)->partition_of(split.split);
  };
  return input;
}

TopologyRecord CheckpointDriver::topology() const {
  TopologyRecord record;
  for (const PlanStage& stage : options_.plan->stages) {
    record.stages.push_back({stage.name, partitioning_of(stage)});
  }
  for (const Node& node : options_.graph->nodes) {
    if (node.kind != NodeKind::source && node.kind != NodeKind::keyed) continue;
    record.nodes.push_back({node_id(node.name), node.name, node.operation, {}});
  }
  return record;
}

RestoredTasks CheckpointDriver::recover(const AuthorityEvents& events) {
  if (!cycle_) return {};
  recovery_ = cycle_->recover(topology(), events);
  timeline_ = recovery_.timeline;
  return restored_tasks(recovery_);
}

RestoredTasks CheckpointDriver::restored_tasks(const Recovery& recovery) const {
  RestoredTasks tasks;
  // A split is of one of these; which one, only they know.
  for (const auto& [split, position] : recovery.starts) {
    for (const std::string& source : authority_input().sources) {
      tasks[{source, split.value}].position = position;
    }
  }
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

std::unique_ptr<ShardState> CheckpointDriver::make_state(const PlanStage& stage, ShardId shard) {
  ShardStateOptions options;
  options.key_groups = key_groups_of(shard, partitioning_of(stage));
  options.keeps_deltas = keeps_deltas();
  options.is_ordered = options_.is_ordered;
  options.store = options_.store_of(stage.name, shard);
  options.budget = options_.budget;
  auto state = std::make_unique<ShardState>(options);
  if (bases_) {
    bases_->register_shard({stage.name, shard}, options.key_groups, state->shared_backlog(),
                           options.store);
  }
  return state;
}

const ShardRecord* CheckpointDriver::record_of(const PlanStage& stage, ShardId shard) const {
  for (const ShardRecord& record : recovery_.content.shards) {
    if (record.stage == stage.name && record.shard == shard) return &record;
  }
  return nullptr;
}

void CheckpointDriver::load_state(const PlanStage& stage, ShardId shard, ShardState& state) {
  const ShardRecord* record = record_of(stage, shard);
  if (record == nullptr) {
    state.clear();
    return;
  }
  RestoreSource source;
  source.drops_unknown_tables = options_.options->restore.drop_removed_nodes;
  if (record->base && !record->base->files.empty()) {
    source.base = load_base(*storage_, *record->base);
  } else if (record->base) {
    for (const SectionRef& section : record->base->sections) {
      source.sorted.push_back(open_stream(storage_, section, FileKind::savepoint));
    }
  }
  for (const DeltaRef& delta : record->deltas) {
    source.deltas.push_back(open_stream(storage_, delta.section, FileKind::checkpoint));
  }
  state.restore(source, *storage_);
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
      draft.splits.push_back({{stage.name, SplitId{part.task}},
                              std::move(part.position),
                              part.watermark,
                              std::move(part.blobs)});
      continue;
    }
    DraftShard shard;
    shard.stage = stage.name;
    shard.shard = part.shard;
    shard.watermark = part.watermark;
    shard.blobs = std::move(part.blobs);
    shard.delta = producer_of(std::move(part.delta));
    shard.new_base = bases_->take_base({shard.stage, shard.shard});
    draft.shards.push_back(std::move(shard));
  }
  return draft;
}

std::uint64_t CheckpointDriver::store(StoreRequest request) {
  if (!cycle_) return 0;
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
  if (!cycle_) return;
  for (const CommitCycle::Unconfirmed& each : cycle_->publish()) {
    options_.log->warn("publish", "sink '" + each.participant + "' could not publish checkpoint " +
                                      std::to_string(checkpoint.value) +
                                      ", it will be tried again: " + each.reason);
  }
  cycle_->acknowledge();
  if (!savepoint_.empty()) write_savepoint(checkpoint);
  cycle_->retain();
  start_bases();
}

/// The storage thread never waits for a base: it asks for some now, and takes those that are
/// finished into the next checkpoint.
void CheckpointDriver::start_bases() {
  const CheckpointPlace place{options_.graph->job_name, options_.options->instance};
  for (const ShardRecord* due : cycle_->shards_due_for_base()) {
    const BaseRef base = cycle_->new_base();
    const std::string folder = base_folder(place, base.cut, due->stage, due->shard);
    bases_->start_base(*due, base, folder + "/" + std::to_string(next_base_++) + "-");
  }
}

void CheckpointDriver::write_savepoint(CheckpointId checkpoint) {
  cycle_->write_savepoint(savepoint_,
                          [this, checkpoint](const ShardRecord& record, const ChunkSink& sink) {
                            bases_->write_savepoint(record, checkpoint, sink);
                          });
  savepoint_.clear();
}

}  // namespace weir::inline v0::detail
