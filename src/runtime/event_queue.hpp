// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "runtime/executor.hpp"

namespace weir::inline v0::detail {

/// Closures for a thread that also has things to do by the clock. Any thread may post.
class EventQueue final : public SerialExecutor {
 public:
  void post(std::function<void()> work) override;
  /// Runs what is there, or waits up to `at_most_ns` for something to run.
  void run(std::int64_t at_most_ns);
  /// Drops what has not run.
  void clear();

 private:
  std::optional<std::function<void()>> take(std::int64_t at_most_ns);

  std::mutex mutex_;  // Guards work_; held for no call.
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
};

}  // namespace weir::inline v0::detail
