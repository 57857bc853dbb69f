// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/pending_time.hpp"
#include "weir/export.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// Event time of one split: how far it has come, and whether the split is idle.
///
/// The split is idle when it has had nothing left to fetch for `idle_after`. Slow or blocked is not
/// idle: the countdown runs only between on_input_idle(true) and the next activity.
class WEIR_API SplitTime final {
 public:
  SplitTime(Duration max_disorder, std::optional<Duration> idle_after) noexcept
      : disorder_{max_disorder},
        idle_after_{idle_after},
        timer_{idle_after.value_or(Duration{0})} {}

  void open(OperatorContext& context) noexcept { context_ = &context; }

  /// Returns what bounded disorder makes of the times seen so far.
  EventTime observe(EventTime time) noexcept {
    disorder_.observe(time);
    return disorder_.watermark();
  }
  /// The watermark may have come as far as this; ignored when it goes back.
  void advance(EventTime watermark);
  /// As far as it has come.
  EventTime watermark() const noexcept { return watermark_; }

  void on_activity() noexcept;
  void on_input_idle(bool is_idle);
  void on_clock(EventTime now);
  std::optional<EventTime> next_wake() const noexcept;
  void end() noexcept { pending_.end(); }

  /// False while there is news to deliver.
  bool is_settled() const noexcept { return pending_.is_empty(); }
  bool deliver(const OutletBase& outlet) { return pending_.deliver(outlet); }

  void save(ByteWriter& out) const;
  /// The restored watermark is delivered before anything else: what was late stays late.
  void load(ByteReader& in);

 private:
  OperatorContext* context_ = nullptr;
  BoundedDisorder disorder_;
  EventTime watermark_ = EventTime::min();
  std::optional<Duration> idle_after_;
  IdlenessTimer timer_;
  bool is_counting_ = false;  // Nothing to fetch, but not for long enough yet.
  bool is_idle_ = false;
  PendingTime pending_;
};

}  // namespace weir::inline v0::detail
