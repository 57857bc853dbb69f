// SPDX-License-Identifier: Apache-2.0
#include "runtime/event_queue.hpp"

#include <chrono>
#include <utility>

namespace weir::inline v0::detail {

void EventQueue::post(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    work_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void EventQueue::run(std::int64_t at_most_ns) {
  while (std::optional<std::function<void()>> work = take(at_most_ns)) {
    (*work)();
    at_most_ns = 0;
  }
}

void EventQueue::clear() {
  std::deque<std::function<void()>> dropped;  // Destroyed without the lock.
  const std::lock_guard lock{mutex_};
  work_.swap(dropped);
}

std::optional<std::function<void()>> EventQueue::take(std::int64_t at_most_ns) {
  std::unique_lock lock{mutex_};
  if (at_most_ns > 0) {
    changed_.wait_for(lock, std::chrono::nanoseconds{at_most_ns},
                      [this] { return !work_.empty(); });
  }
  if (work_.empty()) return std::nullopt;
  std::function<void()> work = std::move(work_.front());
  work_.pop_front();
  return work;
}

}  // namespace weir::inline v0::detail
