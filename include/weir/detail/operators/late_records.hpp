// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/detail/dataflow/batch.hpp"
#include "weir/detail/operators/any_outlet.hpp"
#include "weir/record.hpp"

namespace weir::inline v0 {

/// A record that no window accepted.
template <class K, class T>
struct Late {
  K key;
  T record;
  EventTime time;
  EventTime watermark;  ///< What had been reached when it came.

  friend bool operator==(const Late&, const Late&) = default;
};

namespace detail {

inline constexpr const char* kLateOutlet = "late";

/// Where late records go: to late(), if somebody reads it, and into a counter.
template <class K, class T>
class LateRecords final {
 public:
  void open(NodeMetrics& metrics) noexcept { metrics_ = &metrics; }
  TypedOutlet<Late<K, T>>& outlet() noexcept { return outlet_; }

  void add(const KeyedView<K, T>& view, std::uint32_t i, EventTime watermark) {
    if (!outlet_.is_connected()) return metrics_->late_dropped.add();
    metrics_->late_diverted.add();
    outlet_.emit({view.key(i), view.value(i), view.time(i), watermark}, view.time(i));
  }

 private:
  TypedOutlet<Late<K, T>> outlet_;
  NodeMetrics* metrics_ = nullptr;
};

}  // namespace detail
}  // namespace weir::inline v0
