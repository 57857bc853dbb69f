// SPDX-License-Identifier: Apache-2.0
#include "base/waker.hpp"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define WEIR_THREAD_SANITIZER
#endif

namespace weir::inline v0 {

void Waker::fence() noexcept {
#if defined(WEIR_THREAD_SANITIZER)
  // ThreadSanitizer knows no fences. Data is handed over by the rings' own releases, so that
  // ordering alone is needed here, and any locked instruction gives it.
  static_cast<void>(std::atomic<int>{0}.fetch_add(1, std::memory_order_seq_cst));
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

void Waker::prepare() noexcept {
  state_.store(State::parking, std::memory_order_relaxed);
  fence();
}

void Waker::cancel() noexcept {
  const std::scoped_lock lock{mutex_};
  state_.store(State::running, std::memory_order_relaxed);
}

bool Waker::park(std::chrono::nanoseconds at_most) {
  std::unique_lock lock{mutex_};
  woken_.wait_for(lock, at_most,
                  [this] { return state_.load(std::memory_order_relaxed) == State::woken; });
  const bool was_woken = state_.load(std::memory_order_relaxed) == State::woken;
  state_.store(State::running, std::memory_order_relaxed);
  return was_woken;
}

void Waker::park() {
  std::unique_lock lock{mutex_};
  woken_.wait(lock, [this] { return state_.load(std::memory_order_relaxed) == State::woken; });
  state_.store(State::running, std::memory_order_relaxed);
}

void Waker::wake_sleeper() noexcept {
  const std::scoped_lock lock{mutex_};
  if (state_.load(std::memory_order_relaxed) != State::parking) return;
  state_.store(State::woken, std::memory_order_relaxed);
  woken_.notify_one();
}

}  // namespace weir::inline v0
