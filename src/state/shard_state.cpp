// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/shard_state.hpp"

#include <algorithm>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// Slots that one maintenance step looks at.
constexpr std::size_t kStepSlots = 1024;
/// Numbers for the budget are taken once in so many steps.
constexpr std::uint32_t kAccountEvery = 16;
/// A TTL's share between two passes over its table.
constexpr std::int64_t kPassesPerTtl = 16;

bool is_before(const TableSchema& a, const TableSchema& b) {
  return a.node != b.node ? a.node < b.node : a.table < b.table;
}

}  // namespace

ShardState::ShardState(ShardStateOptions options)
    : options_{std::move(options)},
      commits_itself_{!options_.keeps_deltas && options_.store != nullptr &&
                      options_.store->is_cold()},
      backlog_{std::make_shared<DeltaBacklog>(options_.store)} {
  host_.keeps_deltas = options_.keeps_deltas || commits_itself_;
  host_.is_ordered = options_.is_ordered;
  host_.budget = options_.budget;
  if (options_.store != nullptr && options_.store->is_cold()) host_.store = options_.store.get();
}

ShardState::~ShardState() {
  if (options_.budget != nullptr) options_.budget->report(memory_, {});
}

void ShardState::add_table(TableSchema schema, std::vector<Migration> migrations,
                           std::unique_ptr<Table> table) {
  const auto [place, is_new] = tables_.try_emplace({schema.node, schema.table});
  if (!is_new) {
    throw ConfigError{"two tables of one node are called '" + schema.name + "'"};
  }
  place->second = {std::move(migrations), std::move(table)};
  if (schema.has_ttl) {
    const Duration every = std::max(schema.ttl / kPassesPerTtl, Duration{1});
    Pass& pass = passes_[static_cast<std::size_t>(schema.ttl_clock)];
    pass.every = pass.every ? std::min(*pass.every, every) : every;
  }
  schema_.insert(std::upper_bound(schema_.begin(), schema_.end(), schema, is_before),
                 std::move(schema));
}

void ShardState::set_time(EventTime event, EventTime processing) {
  host_.event = event;
  host_.processing = processing;
}

std::shared_ptr<const std::string> ShardState::collect_delta(CheckpointId checkpoint) {
  WEIR_ASSERT(options_.keeps_deltas, "checkpoint", checkpoint);
  std::shared_ptr<const std::string> bytes = collect(checkpoint);
  account();
  return bytes;
}

std::shared_ptr<const std::string> ShardState::collect(CheckpointId checkpoint) {
  writer_.begin({checkpoint, host_.event, host_.processing}, schema_);
  for (auto& [id, entry] : tables_) entry.table->collect(writer_);
  auto bytes = std::make_shared<const std::string>(writer_.take());
  if (is_cold()) backlog_->add(host_.delta, checkpoint, bytes, writer_.count() == 0);
  ++host_.delta;
  host_.cut_event = host_.event;
  host_.cut_processing = host_.processing;
  return bytes;
}

void ShardState::committed(CheckpointId checkpoint) {
  if (is_cold()) backlog_->commit(checkpoint);
  account();
}

bool ShardState::maintain() {
  if (is_cold()) host_.applied = backlog_->applied();
  if (++maintain_count_ % kAccountEvery == 0) {
    account();
    if (commits_itself_) commit_itself();
  }
  begin_expiry_if_due();
  const std::uint64_t free_bytes = bytes_to_free();
  if (tables_.empty() || (pass_rounds_left_ == 0 && free_bytes == 0)) return false;

  auto next = tables_.lower_bound(next_maintained_);
  if (next == tables_.end()) next = tables_.begin();
  Maintenance work{kStepSlots, free_bytes, false};
  next->second.table->maintain(work);
  if (work.is_round_done) {
    ++next;
    if (pass_rounds_left_ > 0) --pass_rounds_left_;
  }
  next_maintained_ = next == tables_.end() ? std::pair<NodeId, TableId>{} : next->first;
  return pass_rounds_left_ > 0 || work.free_bytes < free_bytes;
}

void ShardState::begin_expiry_if_due() {
  if (pass_rounds_left_ > 0) return;
  for (const TtlClock clock : {TtlClock::event, TtlClock::processing}) {
    Pass& pass = passes_[static_cast<std::size_t>(clock)];
    if (!pass.every || host_.now(clock) < pass.last + *pass.every) continue;
    pass.last = host_.now(clock);
    pass_rounds_left_ = 2 * tables_.size();  // The first one may begin anywhere.
  }
}

/// Without checkpoints the working directory is all there is: what is in it counts as committed.
void ShardState::commit_itself() {
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 20;
  const std::uint64_t budget = options_.budget != nullptr ? options_.budget->bytes() : 0;
  const bool is_worth_it = memory_.dirty >= std::max(kLeast, memory_.tables / 4);
  const bool must = options_.budget != nullptr && options_.budget->wants_checkpoint();
  if (budget == 0 || options_.budget->has_room(budget / 8) || !(is_worth_it || must)) return;
  ++own_checkpoint_.value;
  collect(own_checkpoint_);
  backlog_->commit(own_checkpoint_);
  backlog_->apply();
  host_.applied = backlog_->applied();
  account();
}

void ShardState::account() {
  StateMemory now;
  for (const auto& [id, entry] : tables_) now += entry.table->memory();
  now.buffers = backlog_->bytes();
  if (now.buffers == 0) now.frozen = 0;
  if (options_.budget != nullptr) options_.budget->report(memory_, now);
  memory_ = now;
}

/// This shard's share of what all tables together are too large by.
std::uint64_t ShardState::bytes_to_free() const {
  if (!is_cold() || options_.budget == nullptr) return 0;
  const std::uint64_t tables = options_.budget->used().tables;
  const std::uint64_t limit = options_.budget->table_bytes_max();
  if (tables <= limit || memory_.tables == 0) return 0;
  const double share = static_cast<double>(memory_.tables) / static_cast<double>(tables);
  return static_cast<std::uint64_t>(share * static_cast<double>(tables - limit));
}

void ShardState::clear_tables() {
  for (auto& [id, entry] : tables_) entry.table->clear();
}

void ShardState::clear() {
  clear_tables();
  if (is_cold()) host_.store->clear();
  backlog_->reset(host_.delta, {});
  host_.applied = backlog_->applied();
  account();
}

}  // namespace weir::inline v0::detail
