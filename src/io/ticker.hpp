// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace weir::inline v0::detail {

/// Calls a function every few milliseconds, from a thread of its own, as long as it lives.
class Ticker final {
 public:
  Ticker(std::string thread_name, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void run();

  const std::string thread_name_;
  const std::function<void()> tick_;
  std::mutex mutex_;  // Guards is_stopped_, for the wait.
  std::condition_variable stopped_;
  bool is_stopped_ = false;
  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace weir::inline v0::detail
