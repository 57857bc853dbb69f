// SPDX-License-Identifier: Apache-2.0
#include "runtime/worker_thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread_name.hpp"

namespace weir::inline v0::detail {
namespace {

/// An idle worker looks around at least so often, should a source forget to wake it.
constexpr std::chrono::milliseconds kLongestPark{1'000};

void relax_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Pins the calling thread to the index-th core that the process may use.
void pin_to_core(std::uint32_t index) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::uint32_t skipped = index % static_cast<std::uint32_t>(CPU_COUNT(&allowed));
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed) || skipped-- != 0) continue;
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    CPU_SET(core, &chosen);
    pthread_setaffinity_np(pthread_self(), sizeof chosen, &chosen);
    return;
  }
}

}  // namespace

WorkerThread::WorkerThread(Worker& worker, Clock& clock, const WorkerOptions& options,
                           std::string name)
    : worker_{worker}, clock_{clock}, options_{options}, thread_{[this, name = std::move(name)] {
        run(name);
      }} {}

WorkerThread::~WorkerThread() {
  is_stopped_.store(true);
  worker_.waker().wake();
  thread_.join();
}

void WorkerThread::run(const std::string& name) {
  name_this_thread(name);
  if (options_.pin) pin_to_core(worker_.index());
  std::uint32_t idle_rounds = 0;
  while (!is_stopped_.load(std::memory_order_relaxed)) {
    if (worker_.run_once()) {
      idle_rounds = 0;
    } else if (options_.busy_spin || ++idle_rounds < options_.spin_rounds) {
      relax_cpu();
    } else {
      wait();
    }
  }
}

void WorkerThread::wait() {
  Waker& waker = worker_.waker();
  waker.prepare();
  if (is_stopped_.load() || worker_.run_once()) {
    waker.cancel();
    return;
  }
  std::chrono::nanoseconds span = kLongestPark;
  if (const std::optional<EventTime> wanted = worker_.next_wake()) {
    const Duration until = std::max(*wanted - clock_.now(), Duration{0});
    span = std::min<std::chrono::nanoseconds>(span, std::min<Duration>(until, kLongestPark));
  }
  waker.park(span);
}

}  // namespace weir::inline v0::detail
