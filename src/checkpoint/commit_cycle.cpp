// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/commit_cycle.hpp"

#include <algorithm>
#include <utility>

#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/names.hpp"
#include "weir/detail/assert.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// A base is not worth its while for less than this.
constexpr std::uint64_t kMinDeltaBytes = std::uint64_t{1} << 20;

const ShardRecord* find_shard(const std::optional<CheckpointContent>& content,
                              const ShardName& name) {
  if (!content) return nullptr;
  const auto found = std::find_if(content->shards.begin(), content->shards.end(),
                                  [&](const ShardRecord& shard) { return shard.name() == name; });
  return found == content->shards.end() ? nullptr : &*found;
}

/// The base takes the place of everything up to its cut.
void use_base(ShardRecord& shard, BaseRef base) {
  std::erase_if(shard.deltas,
                [&](const DeltaRef& delta) { return delta.sequence <= base.sequence; });
  shard.base = std::move(base);
}

}  // namespace

CommitCycle::CommitCycle(CommitCycleOptions options)
    : options_{std::move(options)},
      authority_{options_.authority && options_.authority->decides(options_.job)
                     ? options_.authority.get()
                     : nullptr},
      place_{options_.job.job, options_.job.instance},
      catalog_{options_.storage, place_} {}

CommitCycle::~CommitCycle() = default;

void CommitCycle::expect(bool is_in_order, const char* call) const {
  WEIR_ASSERT(is_in_order, "call", call, "phase", phase_, "timeline", timeline_);
}

void CommitCycle::begin() {
  expect(phase_ == Phase::idle && !is_begun_, "begin");
  if (authority_ != nullptr) authority_->begin();
  is_begun_ = true;
}

void CommitCycle::prepare(CheckpointId checkpoint, const Positions& positions) {
  expect(phase_ == Phase::idle && is_begun_ && !is_prepared_, "prepare");
  if (authority_ != nullptr) authority_->prepare({timeline_, checkpoint}, positions);
  is_prepared_ = true;
}

/// The shards go on from what the last committed checkpoint says of them.
CheckpointContent CommitCycle::content_of(CheckpointDraft& draft) const {
  CheckpointContent content;
  content.identity.job = place_.job;
  content.identity.instance = place_.instance;
  content.identity.name = {timeline_, draft.id};
  content.identity.sequence = catalog_.next_sequence();
  content.identity.taken_at = options_.clock->now();
  content.identity.is_finished = draft.is_finished;
  if (committed_) {
    content.identity.parent = committed_->identity.name;
    content.identity.savepoint = committed_->identity.savepoint;
  }
  content.topology = topology_;
  content.splits = std::move(draft.splits);
  for (DraftShard& part : draft.shards) {
    ShardRecord shard{part.stage, part.shard, part.watermark, std::move(part.blobs), {}, {}};
    if (const ShardRecord* before = find_shard(committed_, shard.name())) {
      shard.base = before->base;
      shard.deltas = before->deltas;
    }
    if (part.new_base) use_base(shard, std::move(*part.new_base));
    content.shards.push_back(std::move(shard));
  }
  return content;
}

void CommitCycle::stage_participants(CheckpointContent& content) {
  for (const auto& participant : options_.participants) {
    ParticipantRecord record{participant->name(), {}, std::nullopt};
    const auto since = unpublished_.find(record.name);
    if (since != unpublished_.end()) record.unpublished_since = since->second;
    record.part = participant->stage(content.identity.name.id);
    content.participants.push_back(std::move(record));
  }
}

std::uint64_t CommitCycle::store(CheckpointDraft draft) {
  expect(phase_ == Phase::idle && is_begun_, "store");
  phase_ = Phase::closed;  // Until all is well: only recover() helps after an exception.
  CheckpointContent content = content_of(draft);
  if (!is_prepared_ && authority_ != nullptr) {
    authority_->prepare(content.identity.name, content.positions());
  }
  publish();
  stage_participants(content);
  std::vector<ChunkProducer> deltas;
  for (DraftShard& shard : draft.shards) deltas.push_back(std::move(shard.delta));
  const std::string file = checkpoint_file(place_, content.identity.name);
  const auto bytes = write_checkpoint_file(*options_.storage, file, content, deltas);
  if (!bytes) {
    throw IoError("'" + file + "' is in the checkpoint storage already: another process seems to " +
                  "write under the name of this instance ('" + place_.instance + "')");
  }
  pending_ = std::move(content);
  phase_ = Phase::stored;
  return *bytes;
}

bool CommitCycle::commit() {
  expect(phase_ == Phase::stored, "commit");
  if (authority_ != nullptr) {
    phase_ = Phase::closed;
    const bool is_decided = authority_->commit(pending_->identity.name);
    phase_ = Phase::stored;
    if (!is_decided) return false;
  }
  committed_ = std::exchange(pending_, std::nullopt);
  catalog_.add(*committed_);
  for (const auto& participant : options_.participants) {
    unpublished_.try_emplace(participant->name(), committed_->identity.name.id);
  }
  phase_ = Phase::idle;
  is_begun_ = false;
  is_prepared_ = false;
  return true;
}

std::vector<CommitCycle::Unconfirmed> CommitCycle::publish() {
  expect(!pending_, "publish");
  std::vector<Unconfirmed> unconfirmed;
  for (const auto& participant : options_.participants) {
    const std::string name = participant->name();
    if (!unpublished_.contains(name)) continue;
    try {
      participant->publish(committed_->identity.name.id);
      unpublished_.erase(name);
    } catch (const InternalError&) {
      throw;
    } catch (const Error& error) {
      unconfirmed.push_back({name, error.what()});
    }
  }
  return unconfirmed;
}

void CommitCycle::acknowledge() {
  expect(!pending_ && committed_, "acknowledge");
  if (!options_.on_committed) return;
  for (const SplitRecord& split : committed_->splits) {
    options_.on_committed(split.name, split.position);
  }
}

std::vector<std::string> CommitCycle::retain() {
  expect(!pending_, "retain");
  const RetentionRules rules{options_.checkpoints.retained_count, options_.checkpoints.ladder};
  if (authority_ == nullptr || !options_.job.may_share) {
    return catalog_.retain(rules, options_.clock->now());
  }
  try {
    return catalog_.retain(rules, options_.clock->now(), [this] { return named_by_anybody(); });
  } catch (const IoError&) {
    return {};  // It is not known what others need: everything stays until the next time.
  }
}

/// Own checkpoints that a position names, whoever reads it.
std::set<CheckpointName> CommitCycle::named_by_anybody() const {
  std::set<CheckpointName> names;
  for (const CheckpointPointer& pointer : authority_->named_checkpoints()) {
    if (pointer.instance == place_.instance) names.insert(pointer.checkpoint);
  }
  return names;
}

void CommitCycle::write_savepoint(const std::string& name, const SavepointState& state) {
  expect(!pending_ && committed_, "write_savepoint");
  CheckpointContent content = *committed_;
  std::vector<ChunkProducer> sections;
  for (const ShardRecord& shard : committed_->shards) {
    sections.emplace_back([&shard, &state](const ChunkSink& sink) { state(shard, sink); });
  }
  const std::string file = savepoint_file(name, place_.instance);
  // Also removes what a crash has left of an earlier try.
  const auto lock = options_.storage->lock(file.substr(0, file.rfind('/')));
  if (!write_savepoint_file(*options_.storage, file, content, sections)) {
    throw ConfigError("there is a savepoint '" + name + "' already ('" + file +
                      "'); names of savepoints are not used twice");
  }
}

BaseRef CommitCycle::new_base() const {
  expect(committed_.has_value(), "new_base");
  return {committed_->identity.name, committed_->identity.sequence, {}, {}};
}

std::string CommitCycle::base_prefix(const ShardRecord& shard) const {
  return base_folder(place_, new_base().cut, shard.stage, shard.shard) + "/";
}

std::vector<const ShardRecord*> CommitCycle::shards_due_for_base() const {
  std::vector<const ShardRecord*> due;
  if (!committed_) return due;
  for (const ShardRecord& shard : committed_->shards) {
    std::uint64_t limit = options_.checkpoints.max_delta_bytes;
    if (limit == 0) limit = std::max(shard.base_bytes(), kMinDeltaBytes);
    const bool is_due =
        shard.delta_bytes() > limit || shard.deltas.size() > options_.checkpoints.max_delta_files;
    if (is_due) due.push_back(&shard);
  }
  return due;
}

}  // namespace weir::inline v0::detail
