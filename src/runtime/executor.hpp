// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Runs closures one at a time, in the order posted. Any thread may post.
class WEIR_API SerialExecutor {
 public:
  virtual ~SerialExecutor() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// A thread of its own. The destructor drops what has not started, and joins.
class WEIR_API ThreadExecutor final : public SerialExecutor {
 public:
  /// `name`: at most 15 characters, shown by debuggers and top.
  explicit ThreadExecutor(std::string name);
  ~ThreadExecutor() override;
  void post(std::function<void()> work) override;
  /// Drops what has not started, takes no more, and waits for what runs. Idempotent.
  void close();

 private:
  void run(const std::string& name);

  std::mutex mutex_;  // Guards work_ and is_closed_; held for no call.
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool is_closed_ = false;
  std::thread thread_;
};

/// Runs when it is told to: one thread decides the order of everything (simulation, driver).
class WEIR_API SteppedExecutor final : public SerialExecutor {
 public:
  void post(std::function<void()> work) override { work_.push_back(std::move(work)); }
  bool is_empty() const noexcept { return work_.empty(); }
  /// Runs the first closure. Returns whether there was one.
  bool run_one();

 private:
  std::deque<std::function<void()>> work_;
};

}  // namespace weir::inline v0::detail
