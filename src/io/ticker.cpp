// SPDX-License-Identifier: Apache-2.0
#include "io/ticker.hpp"

#include <chrono>
#include <utility>

#include "base/thread_name.hpp"

namespace weir::inline v0::detail {
namespace {
constexpr std::chrono::milliseconds kEvery{2};
}

class Ticker::Entry final {
 public:
  Entry(std::shared_ptr<Ticker> owner, std::function<void()> tick) : owner_{std::move(owner)} {
    const std::scoped_lock lock{owner_->mutex_};
    place_ = owner_->ticks_.insert(owner_->ticks_.end(), std::move(tick));
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() {
    const std::scoped_lock lock{owner_->mutex_};
    owner_->ticks_.erase(place_);
  }

 private:
  const std::shared_ptr<Ticker> owner_;  // The last entry ends the thread.
  std::list<std::function<void()>>::iterator place_;
};

Ticker::Ticker(std::string thread_name)
    : thread_name_{std::move(thread_name)}, thread_{[this] { run(); }} {}

Ticker::~Ticker() {
  {
    const std::scoped_lock lock{mutex_};
    is_stopped_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

std::shared_ptr<void> Ticker::add(std::function<void()> tick) {
  return std::make_shared<Entry>(shared_from_this(), std::move(tick));
}

void Ticker::run() {
  name_this_thread(thread_name_);
  std::unique_lock lock{mutex_};
  while (!stopped_.wait_for(lock, kEvery, [this] { return is_stopped_; })) {
    for (const auto& tick : ticks_) tick();
  }
}

}  // namespace weir::inline v0::detail
