// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/table_schema.hpp"

#include <algorithm>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint8_t kLastKind = static_cast<std::uint8_t>(TableKind::timers);

TableKind decode_kind(ByteReader& in) {
  const std::uint8_t kind = in.u8();
  if (kind == 0 || kind > kLastKind) {
    throw CorruptState{"a table of kind " + std::to_string(kind) + " is unknown to this version"};
  }
  return static_cast<TableKind>(kind);
}

TtlClock decode_clock(ByteReader& in) {
  const std::uint8_t clock = in.u8();
  if (clock > 1) throw CorruptState{"a table's TTL clock is " + std::to_string(clock)};
  return static_cast<TtlClock>(clock);
}

TableSchema decode_table(ByteReader& in) {
  TableSchema table;
  table.node.value = in.u32();
  table.table.value = in.u32();
  table.kind = decode_kind(in);
  table.name = in.sized();
  table.key_type = in.sized();
  table.subkey_type = in.sized();
  table.value_type = in.sized();
  table.has_ttl = in.u8() != 0;
  if (table.has_ttl) {
    table.ttl_clock = decode_clock(in);
    table.ttl = Duration{in.zigzag()};
  }
  return table;
}

bool precedes(const TableSchema& table, NodeId node, TableId id) {
  return table.node != node ? table.node < node : table.table < id;
}

}  // namespace

void encode_schema(ByteWriter& out, const ShardSchema& schema) {
  out.varint(schema.size());
  for (const TableSchema& table : schema) {
    out.u32(table.node.value);
    out.u32(table.table.value);
    out.u8(static_cast<std::uint8_t>(table.kind));
    out.sized(table.name);
    out.sized(table.key_type);
    out.sized(table.subkey_type);
    out.sized(table.value_type);
    out.u8(table.has_ttl ? 1 : 0);
    if (!table.has_ttl) continue;
    out.u8(static_cast<std::uint8_t>(table.ttl_clock));
    out.zigzag(table.ttl.count());
  }
}

ShardSchema decode_schema(ByteReader& in) {
  const std::uint64_t count = in.varint();
  ShardSchema schema;
  for (std::uint64_t i = 0; i < count; ++i) schema.push_back(decode_table(in));
  return schema;
}

const TableSchema* find_schema(const ShardSchema& schema, NodeId node, TableId table) {
  const auto found =
      std::partition_point(schema.begin(), schema.end(),
                           [&](const TableSchema& each) { return precedes(each, node, table); });
  if (found == schema.end() || found->node != node || found->table != table) return nullptr;
  return &*found;
}

bool has_expired(const TableSchema& schema, std::string_view value, const StateCut& cut) {
  if (!schema.has_ttl) return false;
  ByteReader in{value};
  const auto last_use = static_cast<std::int64_t>(in.u64());
  return saturating_add(last_use, schema.ttl.count()) <= cut.now(schema.ttl_clock).ms();
}

}  // namespace weir::inline v0::detail
