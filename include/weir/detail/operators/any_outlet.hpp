// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "weir/detail/dataflow/node_metrics.hpp"
#include "weir/detail/dataflow/outlet.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// An outlet without its record type: what an operator with several of them does to each.
class WEIR_API AnyOutlet {
 public:
  virtual ~AnyOutlet() = default;
  virtual OutletBase& base() noexcept = 0;
  /// Hands over what was collected. Returns whether nothing is left.
  virtual bool flush() = 0;
  /// True when a batch is complete: time to flush before the next unit of work.
  virtual bool is_full() = 0;

  /// True when another unit of work may emit; hands over a full batch on the way.
  bool has_room() { return (!is_full() || flush()) && consumers_ready(); }
  bool consumers_ready() { return base().consumers_ready(); }
  bool is_connected() { return base().is_connected(); }
};

/// An outlet for records of type T. What is emitted while nobody is connected is dropped.
template <class T>
class TypedOutlet final : public AnyOutlet {
 public:
  OutletBase& base() noexcept override { return outlet_; }
  bool flush() override {
    const std::size_t count = size();
    if (!outlet_.flush()) return false;
    if (count > 0 && metrics_ != nullptr) metrics_->records_out.add(count);
    return true;
  }

  void open(NodeMetrics& metrics) noexcept { metrics_ = &metrics; }
  /// What the next batch inherits: split and time of reading.
  void set_origin(const Origin& origin) noexcept { origin_ = origin; }
  void emit(T value, EventTime time) {
    if (!outlet_.is_connected()) return;
    if (outlet_.is_empty()) outlet_.set_origin(origin_);
    outlet_.emit(std::move(value), time);
  }
  bool is_full() override { return size() >= kBatchCapacity; }

 private:
  std::size_t size() { return outlet_.is_empty() ? 0 : outlet_.building().values.size(); }

  Outlet<T> outlet_;
  Origin origin_;
  NodeMetrics* metrics_ = nullptr;
};

}  // namespace weir::inline v0::detail
