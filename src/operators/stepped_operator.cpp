// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/stepped_operator.hpp"

#include <algorithm>

#include "weir/detail/assert.hpp"

namespace weir::inline v0::detail {

bool SteppedOperator::ready() const { return element_ == Element::none && consumers_ready(); }

bool SteppedOperator::consumers_ready() const {
  return std::all_of(outlets_.begin(), outlets_.end(),
                     [](AnyOutlet* outlet) { return outlet->consumers_ready(); });
}

bool SteppedOperator::advance() {
  if (element_ == Element::none || !consumers_ready() || !may_go_on()) return false;
  proceed();
  return true;
}

void SteppedOperator::on_watermark(EventTime watermark) {
  time_ = watermark;
  start(Element::watermark);
}

void SteppedOperator::on_idle(bool is_idle) {
  is_idle_ = is_idle;
  start(Element::idle);
}

void SteppedOperator::on_clock(EventTime now) {
  time_ = now;
  start(Element::clock);
}

void SteppedOperator::on_end() { start(Element::end); }

void SteppedOperator::start(Element element) {
  WEIR_ASSERT(element_ == Element::none, "suspended in", element_, "new", element);
  element_ = element;
  is_worked_ = false;
  proceed();
}

void SteppedOperator::proceed() {
  if (!is_worked_) is_worked_ = work();
  if (!is_worked_ || !flush()) return;
  if (element_ == Element::batch) finish_batch();
  if (is_news_about_time()) {
    if (!consumers_ready()) return;  // They hold the output that goes before it.
    pass();
  }
  element_ = Element::none;
}

bool SteppedOperator::is_news_about_time() const noexcept {
  return element_ == Element::watermark || element_ == Element::idle || element_ == Element::end;
}

bool SteppedOperator::work() {
  switch (element_) {
    case Element::batch:
      return work_batch();
    case Element::watermark:
      return work_watermark(time_);
    case Element::clock:
      return work_clock(time_);
    default:
      return true;
  }
}

bool SteppedOperator::flush() {
  bool is_empty = true;
  for (AnyOutlet* outlet : outlets_) is_empty &= outlet->flush();
  return is_empty;
}

void SteppedOperator::pass() {
  for (AnyOutlet* outlet : outlets_) {
    switch (element_) {
      case Element::watermark:
        outlet->base().watermark(time_);
        break;
      case Element::idle:
        outlet->base().idle(is_idle_);
        break;
      case Element::end:
        outlet->base().end();
        break;
      default:
        break;
    }
  }
}

}  // namespace weir::inline v0::detail
