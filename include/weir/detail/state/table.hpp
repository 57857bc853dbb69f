// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/detail/state/delta_writer.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/detail/state/table_schema.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {

/// What the tables of a shard share. The worker's alone, but for `applied`.
struct TableHost {
  // Set before the first table is made; read-only after.
  bool keeps_deltas = false;  ///< False: nothing is ever dirty.
  bool is_ordered = false;
  ShardStore* store = nullptr;  ///< Null: nothing is ever cold.
  MemoryBudget* budget = nullptr;

  // Clocks.
  EventTime event = EventTime::min();
  EventTime processing = EventTime::min();
  EventTime element = EventTime::min();  ///< Of the record at hand.

  std::uint32_t delta = 1;    ///< The number of the delta that changes go to.
  std::uint32_t applied = 0;  ///< The last delta that is in the store.

  // The clocks as of the last delta.
  EventTime cut_event = EventTime::min();
  EventTime cut_processing = EventTime::min();

  // Memory that is used again and again.
  std::string key_scratch;
  std::string subkey_scratch;
  ByteWriter value_scratch;
  ByteWriter entry_scratch;

  EventTime now(TtlClock clock) const noexcept {
    return clock == TtlClock::event ? event : processing;
  }
  /// What the clock was at the last delta; now, where there are none.
  EventTime cut(TtlClock clock) const noexcept {
    if (!keeps_deltas) return now(clock);
    return clock == TtlClock::event ? cut_event : cut_processing;
  }
  /// When something that is used now counts as used.
  EventTime time_of_use(TtlClock clock) const noexcept {
    return clock == TtlClock::event && element > event ? element : now(clock);
  }
};

/// What a maintenance step may do, and did.
struct Maintenance {
  std::size_t slots = 0;         ///< How many more slots to look at.
  std::uint64_t free_bytes = 0;  ///< Evict until so many bytes are free; then it is 0.
  bool is_round_done = false;    ///< The table's last slot was looked at; it begins anew.
};

/// A table as its shard sees it.
class Table {
 public:
  virtual ~Table() = default;

  /// Writes what changed since the last call.
  virtual void collect(DeltaWriter& out) = 0;

  // Restoring, into a table that nobody uses yet.

  virtual void load_put(const EntryKey& entry, std::string_view value) = 0;
  virtual void load_erase(const EntryKey& entry) = 0;
  /// Erases the elements of a key whose subkeys are below `limit`; empty: all.
  virtual void load_truncate(const EntryKey& entry, std::string_view limit) = 0;
  virtual void load_drop(std::int64_t instance) = 0;
  /// All state is in the store now.
  virtual void attach_store() = 0;

  /// Everything becomes part of the next delta: what was loaded was of an older type.
  virtual void mark_all_dirty() = 0;

  /// One bounded step of expiry, tidying and eviction.
  virtual void maintain(Maintenance& work) = 0;
  virtual StateMemory memory() const = 0;
  /// Forgets everything, without a trace in a delta.
  virtual void clear() = 0;
};

/// Reads one entry from the store into `value`. Returns whether it is there.
WEIR_API bool get_from_store(ShardStore& store, std::string_view entry_key, std::string& value);

}  // namespace weir::inline v0::detail
