// SPDX-License-Identifier: Apache-2.0
#include "runtime/channel.hpp"

#include <utility>

#include "weir/detail/assert.hpp"

namespace weir::inline v0::detail {
namespace {

/// A slice's share of the memory that its batch keeps alive.
std::size_t bytes_of(const Element& element) noexcept {
  if (!element.slice.batch) return 0;
  return element.slice.batch->bytes * element.slice.count / (element.slice.batch->records + 1);
}

}  // namespace

bool Channel::is_below_limits() const noexcept {
  return ring_.size() < limits_.elements && bytes_.load(std::memory_order_relaxed) < limits_.bytes;
}

bool Channel::has_room() {
  if (waiting_.empty() && is_below_limits()) return true;
  if (flush() && is_below_limits()) return true;
  is_producer_waiting_.store(true, std::memory_order_seq_cst);
  return flush() && is_below_limits();
}

void Channel::push(Slice slice, EventTime watermark) {
  enqueue(Element::records(std::move(slice), watermark));
}

void Channel::send(Element control) {
  if (waiting_.empty() && ring_.size() < limits_.elements) {
    enqueue(std::move(control));
    return;
  }
  const bool merges = control.kind == Element::Kind::watermark && !waiting_.empty() &&
                      waiting_.back().kind == Element::Kind::watermark;
  if (merges) {
    waiting_.back() = std::move(control);
  } else {
    waiting_.push_back(std::move(control));
  }
  is_producer_waiting_.store(true, std::memory_order_seq_cst);
  flush();
}

bool Channel::flush() {
  while (!waiting_.empty() && ring_.size() < limits_.elements) {
    enqueue(std::move(waiting_.front()));
    waiting_.pop_front();
    consumer_.wake();
  }
  return waiting_.empty();
}

void Channel::enqueue(Element element) {
  bytes_.fetch_add(bytes_of(element), std::memory_order_relaxed);
  const bool is_pushed = ring_.try_push(std::move(element));
  WEIR_ASSERT(is_pushed, "ring of ", limits_.elements, " is full");
}

void Channel::pop() {
  bytes_.fetch_sub(bytes_of(*ring_.front()), std::memory_order_relaxed);
  ring_.pop();
  if (is_producer_waiting_.load(std::memory_order_seq_cst)) {
    is_producer_waiting_.store(false, std::memory_order_relaxed);
    producer_.wake();
  }
}

}  // namespace weir::inline v0::detail
