// SPDX-License-Identifier: Apache-2.0
#include "io/ticker.hpp"

#include <chrono>
#include <utility>

#include "base/thread_name.hpp"

namespace weir::inline v0::detail {
namespace {
constexpr std::chrono::milliseconds kEvery{2};
}

Ticker::Ticker(std::string thread_name, std::function<void()> tick)
    : thread_name_{std::move(thread_name)}, tick_{std::move(tick)}, thread_{[this] { run(); }} {}

Ticker::~Ticker() {
  {
    const std::scoped_lock lock{mutex_};
    is_stopped_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void Ticker::run() {
  name_this_thread(thread_name_);
  std::unique_lock lock{mutex_};
  while (!stopped_.wait_for(lock, kEvery, [this] { return is_stopped_; })) {
    lock.unlock();
    tick_();
    lock.lock();
  }
}

}  // namespace weir::inline v0::detail
