// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weir::inline v0::detail {

/// Calls functions every few milliseconds, from a thread of its own, as long as it lives.
/// Thread safety: add() and the destruction of what it returns from any thread.
class Ticker final : public std::enable_shared_from_this<Ticker> {
 public:
  explicit Ticker(std::string thread_name);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  /// Calls `tick` until the result is destroyed, which waits for a call under way. It keeps the
  /// ticker alive.
  std::shared_ptr<void> add(std::function<void()> tick);

 private:
  class Entry;

  void run();

  const std::string thread_name_;
  std::mutex mutex_;  // Guards what follows; held during the calls, which only wake.
  std::condition_variable stopped_;
  std::list<std::function<void()>> ticks_;
  bool is_stopped_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace weir::inline v0::detail
