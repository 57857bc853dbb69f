// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/state/delta_backlog.hpp"
#include "weir/detail/state/delta_writer.hpp"
#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/detail/state/table.hpp"
#include "weir/detail/state/table_spec.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What a shard's state is opened with.
struct ShardStateOptions {
  KeyGroupRange key_groups;
  /// The job takes checkpoints.
  bool keeps_deltas = true;
  /// Under the test driver: walks go by key bytes.
  bool is_ordered = false;
  /// Where cold state lies. Shared with the background thread, and with the next attempt.
  std::shared_ptr<ShardStore> store;
  /// Null: unbounded. Outlives the state.
  MemoryBudget* budget = nullptr;
};

/// What a restore starts from. Everything is read, in this order.
struct RestoreSource {
  /// The store holds already what precedes `deltas` (a roll-back in place).
  bool keeps_store = false;
  std::optional<Base> base = {};
  /// Sorted streams (parts of a savepoint), of any shards: what belongs to other shards is left
  /// out.
  std::vector<StreamOpener> sorted = {};
  /// Stored deltas, in order.
  std::vector<StreamOpener> deltas = {};
  /// Skips tables that no operator has registered, instead of refusing.
  bool drops_unknown_tables = false;
};

/// All tables of one shard.
///
/// Threads: the worker that runs the shard calls everything, one worker at a time; `backlog()` is
/// for the background thread.
///
/// Order of calls: operators register tables - set_time() - restore(), unless it is a first start -
/// then set_time(), collect_delta(), committed(), maintain() as they come.
class WEIR_API ShardState final {
 public:
  explicit ShardState(ShardStateOptions options);
  ShardState(const ShardState&) = delete;
  ShardState& operator=(const ShardState&) = delete;
  ~ShardState();

  // --- for StateAccess

  /// Throws: ConfigError, if the node has a table of that name.
  void add_table(TableSchema schema, std::vector<Migration> migrations,
                 std::unique_ptr<Table> table);
  TableHost& host() noexcept { return host_; }

  // --- for the runtime

  /// What time it is for TTLs: the watermark, and processing time.
  void set_time(EventTime event, EventTime processing);
  /// The same for processing time alone, which goes on without watermarks.
  void set_clock(EventTime processing) noexcept { host_.processing = processing; }
  /// At a barrier: what changed since the last one. `write_delta()` makes the stored form of it.
  /// Requires: keeps_deltas.
  std::shared_ptr<const std::string> collect_delta(CheckpointId checkpoint);
  /// A checkpoint is committed: its delta may go to the store.
  void committed(CheckpointId checkpoint);
  /// One bounded step of expiry, eviction and accounting; between elements. Returns whether more is
  /// to be done soon.
  bool maintain();
  /// As of the last maintain(), collect_delta() or restore().
  const StateMemory& memory() const noexcept { return memory_; }

  /// Takes over the state of a checkpoint or savepoint, in place of what it holds. Throws:
  /// IncompatibleState, naming every table that does not fit; CorruptState; IoError.
  void restore(const RestoreSource& source, CheckpointStorage& storage);
  /// Forgets everything, in the store too.
  void clear();

  /// Deltas on their way to the store.
  DeltaBacklog& backlog() noexcept { return *backlog_; }
  const std::shared_ptr<DeltaBacklog>& shared_backlog() const noexcept { return backlog_; }
  /// What the tables are, in order of node and table.
  const ShardSchema& schema() const noexcept { return schema_; }

 private:
  struct Entry {
    std::vector<Migration> migrations;
    std::unique_ptr<Table> table;
  };
  using Tables = std::map<std::pair<NodeId, TableId>, Entry>;

  class Loader;

  bool is_cold() const noexcept { return host_.store != nullptr; }
  std::shared_ptr<const std::string> collect(CheckpointId checkpoint);
  void clear_tables();
  void load_into_tables(const RestoreSource& source, CheckpointStorage& storage);
  void load_into_store(const RestoreSource& source, CheckpointStorage& storage);
  void migrate_store(Loader& loader, const Base& base);
  void attach_store();
  void begin_expiry_if_due();
  void commit_itself();
  void account();
  std::uint64_t bytes_to_free() const;

  const ShardStateOptions options_;
  const bool commits_itself_;  // Cold entries, but no checkpoints.
  TableHost host_;
  ShardSchema schema_;
  Tables tables_;
  std::shared_ptr<DeltaBacklog> backlog_;
  DeltaWriter writer_;
  StateMemory memory_;
  CheckpointId own_checkpoint_;  // Of commits_itself_.

  // Expiry goes over all tables now and then.
  struct Pass {
    std::optional<Duration> every;  // Empty: no table grows old by this clock.
    EventTime last = EventTime::min();
  };
  Pass passes_[2];  // By TtlClock.
  std::size_t pass_rounds_left_ = 0;
  std::pair<NodeId, TableId> next_maintained_;
  std::uint32_t maintain_count_ = 0;
};

}  // namespace weir::inline v0::detail
