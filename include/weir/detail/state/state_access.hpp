// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weir/detail/state/keyed_table.hpp"
#include "weir/detail/state/list_table.hpp"
#include "weir/detail/state/map_table.hpp"
#include "weir/detail/state/pane_tables.hpp"
#include "weir/detail/state/table_spec.hpp"
#include "weir/detail/state/timer_table.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0::detail {

class ShardState;

/// The state of one node in one shard: where an operator registers its tables, in open(). Tables
/// live as long as the shard; a restore fills them after open().
class StateAccess final {
 public:
  StateAccess(ShardState& shard, NodeId node) noexcept : shard_{shard}, node_{node} {}

  template <StreamKey K, Encodable V>
  KeyedTable<K, V>& keyed(TableSpec spec);
  template <StreamKey K, Encodable V>
  PaneTables<K, V>& panes(TableSpec spec);
  template <StreamKey K, StreamKey S, Encodable V>
  MapTable<K, S, V>& map(TableSpec spec);
  template <StreamKey K, Encodable V>
  ListTable<K, V>& list(TableSpec spec);
  template <StreamKey K>
  TimerTable<K>& timers(TableSpec spec);

  /// The event time of the record at hand: what is used now counts as used at this time, if that
  /// is later than the watermark. For tables with a TTL by event time.
  void set_element_time(EventTime time) noexcept;
  /// True under the test driver: walks go by key bytes.
  bool is_ordered() const noexcept;

 private:
  ShardState& shard_;
  NodeId node_;
};

}  // namespace weir::inline v0::detail
