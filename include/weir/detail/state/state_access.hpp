// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weir/codec.hpp"
#include "weir/detail/state/keyed_table.hpp"
#include "weir/detail/state/list_table.hpp"
#include "weir/detail/state/map_table.hpp"
#include "weir/detail/state/pane_tables.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/detail/state/table_spec.hpp"
#include "weir/detail/state/timer_table.hpp"
#include "weir/ids.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// The state of one node in one shard: where an operator registers its tables, in open(). Tables
/// live as long as the shard; a restore fills them after open().
class StateAccess final {
 public:
  StateAccess(ShardState& shard, NodeId node) noexcept : shard_{shard}, node_{node} {}

  template <StreamKey K, Encodable V>
  KeyedTable<K, V>& keyed(TableSpec spec) {
    return add<KeyedTable<K, V>>(TableKind::keyed, {type_of<K>(), {}, type_of<V>()}, spec);
  }
  template <StreamKey K, Encodable V>
  PaneTables<K, V>& panes(TableSpec spec) {
    return add<PaneTables<K, V>>(TableKind::panes, {type_of<K>(), {}, type_of<V>()}, spec);
  }
  template <StreamKey K, StreamKey S, Encodable V>
  MapTable<K, S, V>& map(TableSpec spec) {
    return add<MapTable<K, S, V>>(TableKind::map, {type_of<K>(), type_of<S>(), type_of<V>()}, spec);
  }
  template <StreamKey K, Encodable V>
  ListTable<K, V>& list(TableSpec spec) {
    return add<ListTable<K, V>>(TableKind::list, {type_of<K>(), {}, type_of<V>()}, spec);
  }
  /// Timers have no TTL.
  template <StreamKey K>
  TimerTable<K>& timers(TableSpec spec) {
    return add<TimerTable<K>>(TableKind::timers, {type_of<K>(), {}, {}}, spec);
  }

  /// The event time of the record at hand: what is used now counts as used at this time, if that
  /// is later than the watermark. For tables with a TTL by event time.
  void set_element_time(EventTime time) noexcept { shard_.host().element = time; }
  /// True under the test driver: walks go by key bytes.
  bool is_ordered() const noexcept { return shard_.host().is_ordered; }

 private:
  struct Types {
    std::string key;
    std::string subkey;
    std::string value;
  };

  template <class T>
  static std::string type_of() {
    if constexpr (Encodable<T>) {
      return codec_description<T>();
    } else {
      return "key of " + std::to_string(sizeof(T)) + " bytes";
    }
  }
  TableSchema schema(TableKind kind, Types types, const TableSpec& spec) const {
    TableSchema schema;
    schema.node = node_;
    schema.table = table_id_of(spec.name);
    schema.kind = kind;
    schema.name = spec.name;
    schema.key_type = std::move(types.key);
    schema.subkey_type = std::move(types.subkey);
    schema.value_type = std::move(types.value);
    schema.has_ttl = spec.ttl.has_value();
    if (spec.ttl) schema.ttl_clock = spec.ttl->clock;
    if (spec.ttl) schema.ttl = spec.ttl->ttl;
    return schema;
  }
  template <class T>
  T& add(TableKind kind, Types types, TableSpec& spec) {
    const TablePlace place{node_, table_id_of(spec.name), 0};
    auto table = std::make_unique<T>(shard_.host(), place, spec.ttl);
    T& added = *table;
    shard_.add_table(schema(kind, std::move(types), spec), std::move(spec.migrations),
                     std::move(table));
    return added;
  }

  ShardState& shard_;
  NodeId node_;
};

}  // namespace weir::inline v0::detail
