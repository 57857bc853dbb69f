// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace weir::inline v0 {

/// Where a thread that found nothing to do sleeps until another has something for it.
///
///     // The one that sleeps:              // Any other:
///     waker.prepare();                     ring.try_push(...);
///     if (!ring.empty()) waker.cancel();   waker.wake();
///     else waker.park(100ms);
///
/// No wake-up is lost: one of the two sees the other, because each writes, fences, then reads.
/// Thread safety: wake() from any thread, the rest from the one that sleeps.
class Waker final {
 public:
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// Announces that park() may follow. What wake() announced before this is seen by a check after
  /// it; a wake() after it makes park() return at once.
  void prepare() noexcept;

  /// Takes the announcement back: there was something to do after all.
  void cancel() noexcept;

  /// Sleeps until wake(), at most as long as given. Requires: prepare(). Returns whether it was
  /// woken; there are no spurious ends but for the time.
  bool park(std::chrono::nanoseconds at_most);
  /// Sleeps until wake().
  void park();

  /// Makes what the caller published visible and wakes the sleeper, if there is one. A fence and a
  /// load where there is none.
  void wake() noexcept {
    fence();
    if (state_.load(std::memory_order_relaxed) == State::parking) wake_sleeper();
  }

 private:
  enum class State : std::uint8_t { running, parking, woken };

  static void fence() noexcept;
  void wake_sleeper() noexcept;

  std::atomic<State> state_ = State::running;
  std::mutex mutex_;  // Guards the steps from parking to woken, and the sleep between them.
  std::condition_variable woken_;
};

}  // namespace weir::inline v0
