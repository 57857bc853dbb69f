// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "weir/detail/dataflow/outlet.hpp"
#include "weir/time.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// News about time that waits until the consumers of an outlet can take it, one piece at a time:
/// becoming active, the watermark, becoming idle, the end.
class PendingTime final {
 public:
  void watermark(EventTime watermark) {
    watermark_ = watermark_ ? std::max(*watermark_, watermark) : watermark;
  }
  void idle(bool is_idle) { is_idle_ = is_idle; }
  void end() { has_end_ = true; }
  void add(const TimeUpdate& update) {
    if (update.watermark) watermark(*update.watermark);
    if (update.is_idle) idle(*update.is_idle);
  }

  bool is_empty() const noexcept { return !watermark_ && !is_idle_ && !has_end_; }
  /// Returns whether nothing is left.
  bool deliver(const OutletBase& outlet) {
    while (!is_empty()) {
      if (!outlet.consumers_ready()) return false;
      deliver_one(outlet);
    }
    return true;
  }

 private:
  void deliver_one(const OutletBase& outlet) {
    if (is_idle_ == false) {
      is_idle_.reset();
      outlet.idle(false);
    } else if (watermark_) {
      const EventTime watermark = *watermark_;
      watermark_.reset();
      outlet.watermark(watermark);
    } else if (is_idle_) {
      is_idle_.reset();
      outlet.idle(true);
    } else {
      has_end_ = false;
      outlet.end();
    }
  }

  std::optional<EventTime> watermark_;
  std::optional<bool> is_idle_;
  bool has_end_ = false;
};

}  // namespace weir::inline v0::detail
