// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "base/waker.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0 {

/// What became of a message.
enum class Post { posted, full, closed };

/// A bounded queue from many threads to one, which may sleep between messages.
///
/// The messages of one sender arrive in order. Messages are few (control, notices, queries): a
/// mutex is held for a push or a swap, and taken by the reader only if there is something.
/// Thread safety: post(), close() and size() from any thread, take_all() from the one that reads.
template <class Message>
class Mailbox final {
 public:
  /// Wakes `waker` for each message; it outlives the mailbox. Throws: InternalError if capacity is
  /// 0.
  Mailbox(std::size_t capacity, Waker& waker) : capacity_{capacity}, waker_{waker} {
    WEIR_ASSERT(capacity > 0);
    messages_.reserve(capacity < kReservedAtOnce ? capacity : kReservedAtOnce);
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Hands over a message, and wakes the reader. Unless it returns `posted`, the message is left
  /// untouched with the caller.
  [[nodiscard]] Post post(Message&& message) {
    {
      const std::scoped_lock lock{mutex_};
      if (is_closed_) return Post::closed;
      if (messages_.size() == capacity_) return Post::full;
      messages_.push_back(std::move(message));
      count_.store(messages_.size(), std::memory_order_release);
    }
    waker_.wake();
    return Post::posted;
  }

  /// Moves every message to `out`, whose former content is dropped. Returns whether there was one.
  /// Given the same vector each time, it does not allocate.
  bool take_all(std::vector<Message>& out) {
    out.clear();
    if (empty()) return false;
    const std::scoped_lock lock{mutex_};
    out.swap(messages_);
    count_.store(0, std::memory_order_relaxed);
    return true;
  }

  /// Refuses messages from now on, and wakes the reader. Those posted before can still be taken.
  void close() {
    {
      const std::scoped_lock lock{mutex_};
      is_closed_ = true;
    }
    waker_.wake();
  }

  bool empty() const noexcept { return count_.load(std::memory_order_acquire) == 0; }
  std::size_t size() const noexcept { return count_.load(std::memory_order_acquire); }
  bool is_closed() const {
    const std::scoped_lock lock{mutex_};
    return is_closed_;
  }

 private:
  static constexpr std::size_t kReservedAtOnce = 64;

  const std::size_t capacity_;
  Waker& waker_;
  std::atomic<std::size_t> count_ = 0;  // Lets the reader look without the mutex.

  mutable std::mutex mutex_;  // Guards what follows.
  std::vector<Message> messages_;
  bool is_closed_ = false;
};

}  // namespace weir::inline v0
