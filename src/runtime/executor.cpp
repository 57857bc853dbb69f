// SPDX-License-Identifier: Apache-2.0
#include "runtime/executor.hpp"

#include <utility>

#include "base/thread_name.hpp"

namespace weir::inline v0::detail {

ThreadExecutor::ThreadExecutor(std::string name)
    : thread_{[this, name = std::move(name)] { run(name); }} {}

ThreadExecutor::~ThreadExecutor() { close(); }

void ThreadExecutor::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    work_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void ThreadExecutor::post(std::function<void()> work) {
  {
    const std::lock_guard lock{mutex_};
    if (is_closed_) return;
    work_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void ThreadExecutor::run(const std::string& name) {
  name_this_thread(name);
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return is_closed_ || !work_.empty(); });
    if (is_closed_) return;
    std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

bool SteppedExecutor::run_one() {
  if (work_.empty()) return false;
  std::function<void()> work = std::move(work_.front());
  work_.pop_front();
  work();
  return true;
}

}  // namespace weir::inline v0::detail
