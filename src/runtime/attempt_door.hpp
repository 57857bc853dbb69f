// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "runtime/executor.hpp"

namespace weir::inline v0::detail {

class Attempt;

/// How other threads reach an attempt that may be over by then: what they ask for runs on the
/// coordinator's executor, or not at all. Shared by the attempt and those that ask.
class AttemptDoor final : public std::enable_shared_from_this<AttemptDoor> {
 public:
  AttemptDoor(Attempt& attempt, SerialExecutor& coordinator)
      : attempt_{&attempt}, coordinator_{coordinator} {}

  void post(std::function<void(Attempt&)> work) {
    const std::lock_guard lock{mutex_};
    if (attempt_ == nullptr) return;
    coordinator_.post([self = shared_from_this(), work = std::move(work)] {
      if (Attempt* const attempt = self->attempt()) work(*attempt);
    });
  }
  /// Called where the coordinator's work runs, so that none of it is under way.
  void close() {
    const std::lock_guard lock{mutex_};
    attempt_ = nullptr;
  }

 private:
  Attempt* attempt() {
    const std::lock_guard lock{mutex_};
    return attempt_;
  }

  std::mutex mutex_;  // Guards attempt_; the executor's own lock comes after it.
  Attempt* attempt_;
  SerialExecutor& coordinator_;  // Outlives the attempt; not used after close().
};

}  // namespace weir::inline v0::detail
