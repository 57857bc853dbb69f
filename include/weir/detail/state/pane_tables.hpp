// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "weir/detail/state/keyed_table.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// One keyed table per pane of a window, by the pane's start.
template <StreamKey K, Encodable V>
class PaneTables final {
 public:
  /// Null: there is none. Tables stay where they are until they are dropped.
  KeyedTable<K, V>* find(EventTime pane);
  KeyedTable<K, V>& get_or_create(EventTime pane);
  /// Frees a pane with all its entries; one entry of the next delta. No error if there is none.
  void drop(EventTime pane);
  /// The lowest pane.
  std::optional<EventTime> first() const;
  /// All panes, in order.
  const std::vector<EventTime>& panes() const noexcept;
};

}  // namespace weir::inline v0::detail
