// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "weir/detail/dataflow/operator.hpp"

namespace weir::inline v0::detail {

/// The consumers of one outlet, without their record type.
class OutletBase {
 public:
  void connect(Link link) { links_.push_back(link); }
  bool is_connected() const noexcept { return !links_.empty(); }

  /// True when every consumer can take an element.
  bool consumers_ready() const {
    for (const Link& link : links_) {
      if (!link.target->ready()) return false;
    }
    return true;
  }
  void watermark(EventTime watermark) const {
    for (const Link& link : links_) link.target->on_watermark(watermark);
  }
  void idle(bool is_idle) const {
    for (const Link& link : links_) link.target->on_idle(is_idle);
  }
  void end() const {
    for (const Link& link : links_) link.target->on_end();
  }

 protected:
  std::vector<Link> links_;
};

/// Where an operator emits records of type T: collects them into batches for its consumers.
///
/// `emit` never fails. An operator asks `can_emit()` between units of work and suspends when it
/// says no; so the overshoot of a batch is bounded by what one unit emits.
template <class T>
class Outlet final : public OutletBase {
 public:
  /// Collects one record. `time` is dropped when the stream has no event time.
  void emit(T value, EventTime time) {
    OwnedBatch<T>& batch = building();
    batch.values.push_back(std::move(value));
    batch.times.push_back(time);
  }
  /// The batch being filled, to emit without a copy. Push to `values` and `times` alike.
  OwnedBatch<T>& building() {
    if (!building_) {
      building_ = pool_.take();
      building_->clear();
    }
    return *building_;
  }
  /// What emitted records inherit: split and time of reading.
  void set_origin(const Origin& origin) {
    building().origin = origin;
    building().origin.is_exact = false;
  }

  bool is_empty() const noexcept { return !building_ || building_->values.empty(); }

  /// Hands over what was collected, if every consumer is ready. Returns whether nothing is left.
  bool flush() {
    if (is_empty()) return true;
    if (!consumers_ready()) return false;
    Ref<OwnedBatch<T>> batch = std::move(building_);
    batch->bytes = batch->values.size() * sizeof(T);
    batch->records = static_cast<std::uint32_t>(batch->values.size());
    pass(batch->view());
    return true;
  }
  /// True when another unit of work may emit; hands over a full batch on the way.
  bool can_emit() {
    if (is_empty()) return consumers_ready();
    return building_->values.size() < kBatchCapacity || (flush() && consumers_ready());
  }
  /// Hands a view on without copying. Requires: is_empty() and consumers_ready().
  void pass(const BatchView<T>& view) const {
    if (view.count == 0) return;
    for (const Link& link : links_) static_cast<Receiver<T>*>(link.receiver)->on_batch(view);
  }

 private:
  BatchPool<OwnedBatch<T>> pool_;
  Ref<OwnedBatch<T>> building_;
};

}  // namespace weir::inline v0::detail
