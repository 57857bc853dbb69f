// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/export.hpp"
#include "weir/state.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// The shape of a table. Stored as these numbers.
enum class TableKind : std::uint8_t { keyed = 1, panes = 2, map = 3, list = 4, timers = 5 };

/// What is stored about a table, beside its entries.
struct TableSchema {
  NodeId node;
  TableId table;
  TableKind kind = TableKind::keyed;
  std::string name;
  /// The texts behind the fingerprints of key, subkey and value.
  std::string key_type;
  std::string subkey_type;
  std::string value_type;
  /// Whether values start with the time of their last use.
  bool has_ttl = false;
  TtlClock ttl_clock = TtlClock::event;
  Duration ttl{0};
};

/// The tables of a shard, in order of node and table.
using ShardSchema = std::vector<TableSchema>;

WEIR_API void encode_schema(ByteWriter& out, const ShardSchema& schema);
WEIR_API ShardSchema decode_schema(ByteReader& in);
/// Null: there is no such table.
WEIR_API const TableSchema* find_schema(const ShardSchema& schema, NodeId node, TableId table);

/// A moment to which state belongs: a checkpoint, and what the clocks said then.
struct StateCut {
  CheckpointId checkpoint;
  EventTime event = EventTime::min();
  EventTime processing = EventTime::min();

  EventTime now(TtlClock clock) const noexcept {
    return clock == TtlClock::event ? event : processing;
  }
};

/// Whether an entry of this table had expired at the cut. Throws: CorruptState.
WEIR_API bool has_expired(const TableSchema& schema, std::string_view value, const StateCut& cut);

}  // namespace weir::inline v0::detail
