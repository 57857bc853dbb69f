// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/split_time.hpp"

#include "weir/detail/operators/event_time.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

void throw_no_time() { throw BadRecord{"the record has no usable event time"}; }

void SplitTime::advance(EventTime watermark) {
  if (watermark <= watermark_) return;
  watermark_ = watermark;
  pending_.watermark(watermark);
  context_->report_split_watermark(watermark);
}

void SplitTime::on_activity() noexcept {
  is_counting_ = false;
  timer_.activity();
  if (!is_idle_) return;
  is_idle_ = false;
  pending_.idle(false);
}

void SplitTime::on_input_idle(bool is_idle) {
  if (!is_idle) return on_activity();
  if (!idle_after_ || is_counting_ || is_idle_) return;
  is_counting_ = true;
  timer_.check(context_->now());
}

void SplitTime::on_clock(EventTime now) {
  if (!is_counting_ || !timer_.check(now)) return;
  is_counting_ = false;
  is_idle_ = true;
  pending_.idle(true);
}

std::optional<EventTime> SplitTime::next_wake() const noexcept {
  return is_counting_ ? timer_.due() : std::nullopt;
}

void SplitTime::save(ByteWriter& out) const {
  out.zigzag(disorder_.latest().ms());
  out.zigzag(watermark_.ms());
  out.u8(is_idle_ ? 1 : 0);
}

void SplitTime::load(ByteReader& in) {
  disorder_.restore(EventTime{in.zigzag()});
  const EventTime watermark{in.zigzag()};
  is_idle_ = in.u8() != 0;
  advance(watermark);
  if (is_idle_) pending_.idle(true);
}

}  // namespace weir::inline v0::detail
