// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>

#include "base/ring.hpp"
#include "base/waker.hpp"
#include "runtime/element.hpp"

namespace weir::inline v0::detail {

/// The bounds of one channel.
struct ChannelLimits {
  std::size_t elements = 16;
  std::size_t bytes = std::size_t{4} << 20;
};

/// The way from one worker to one shard on one edge: a ring, and control that waits for room.
///
/// Invariants:
/// 1. Control precedes later records: while control waits, has_room() is false.
/// 2. Waiting control is bounded: watermarks merge, and at most one barrier is in flight.
class Channel final {
 public:
  Channel(ChannelLimits limits, Waker& producer, Waker& consumer)
      : limits_{limits}, ring_{limits.elements}, producer_{producer}, consumer_{consumer} {}

  // Producer's side.

  /// True when a slice may be pushed. When false, the producer is woken once there may be room.
  bool has_room();
  /// A watermark that precedes the slice rides on it. Requires: has_room().
  void push(Slice slice, EventTime watermark = EventTime::min());
  /// Sends control now, or as soon as there is room.
  void send(Element control);
  /// Moves waiting control into the ring. Returns whether none is left.
  bool flush();
  Waker& consumer() noexcept { return consumer_; }

  // Consumer's side.

  /// The next element; null when there is none.
  Element* front() noexcept { return ring_.front(); }
  void pop();
  bool is_empty() noexcept { return ring_.front() == nullptr; }

  /// Elements in the ring, for metrics; any thread.
  std::size_t size() const noexcept { return ring_.size(); }

 private:
  bool is_below_limits() const noexcept;
  void enqueue(Element element);

  const ChannelLimits limits_;
  Ring<Element> ring_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> is_producer_waiting_{false};
  std::deque<Element> waiting_;  // Producer's alone.
  Waker& producer_;
  Waker& consumer_;
};

}  // namespace weir::inline v0::detail
