// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "weir/detail/assert.hpp"

namespace weir::inline v0 {

/// What lies in different lines is not slowed down by each other's writes.
inline constexpr std::size_t kCacheLine = 64;

/// A bounded queue from one thread to one other: neither ever waits.
///
/// Thread safety: try_push() by one thread at a time, front(), pop() and try_pop() by one thread at
/// a time; size() and empty() by any. What the producer wrote before try_push() is seen by the
/// consumer after front().
///
/// Invariants:
/// 1. head_ <= tail_ <= head_ + capacity: the producer checks before it writes a slot, and only
///    the consumer moves head_.
/// 2. Slots in [head_, tail_) hold live objects, others none: a slot is built before tail_ passes
///    it and destroyed before head_ does.
template <class T>
class Ring final {
 public:
  /// Throws: InternalError if capacity is 0.
  explicit Ring(std::size_t capacity)
      : capacity_{capacity},
        mask_{std::bit_ceil(capacity) - 1},
        slots_{std::make_unique<Slot[]>(mask_ + 1)} {
    WEIR_ASSERT(capacity > 0);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    while (front() != nullptr) pop();
  }

  /// Appends `value`, or leaves it untouched and returns false if the ring is full.
  [[nodiscard]] bool try_push(T&& value) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == capacity_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == capacity_) return false;
    }
    ::new (slot(tail).bytes) T(std::move(value));
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// The oldest element, or nullptr if the ring is empty. It stays in place until pop().
  T* front() noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return nullptr;
    }
    return object(head);
  }

  /// Removes the oldest element. Requires: front() returned one.
  void pop() noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    object(head)->~T();
    head_.store(head + 1, std::memory_order_release);
  }

  /// Removes the oldest element and returns it.
  [[nodiscard]] std::optional<T> try_pop() {
    T* oldest = front();
    if (oldest == nullptr) return std::nullopt;
    std::optional<T> value{std::move(*oldest)};
    pop();
    return value;
  }

  /// How many elements there are: exact if neither side is at work, else as of a moment ago.
  std::size_t size() const noexcept {
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);
    return tail - head < capacity_ ? static_cast<std::size_t>(tail - head) : capacity_;
  }
  bool empty() const noexcept { return size() == 0; }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Slot {
    alignas(T) unsigned char bytes[sizeof(T)];
  };

  Slot& slot(std::uint64_t index) noexcept { return slots_[index & mask_]; }
  T* object(std::uint64_t index) noexcept {
    return std::launder(reinterpret_cast<T*>(slot(index).bytes));
  }

  const std::size_t capacity_;
  const std::size_t mask_;
  const std::unique_ptr<Slot[]> slots_;

  // Written by the producer. Indices never wrap: 2^64 elements are more than there will be.
  alignas(kCacheLine) std::atomic<std::uint64_t> tail_ = 0;
  std::uint64_t head_seen_ = 0;

  // Written by the consumer.
  alignas(kCacheLine) std::atomic<std::uint64_t> head_ = 0;
  std::uint64_t tail_seen_ = 0;
};

}  // namespace weir::inline v0
