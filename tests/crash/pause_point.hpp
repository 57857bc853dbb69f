// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

namespace weir::crash {

/// Counts passings of one step; at one of them prints "paused STEP" and stops for ever.
class PausePoint final {
 public:
  PausePoint(std::string step, std::uint64_t count) : step_{std::move(step)}, left_{count} {}

  void pass(const std::string& step) {
    if (step != step_ || left_.fetch_sub(1) != 1) return;
    std::printf("paused %s\n", step.c_str());
    std::fflush(stdout);
    while (true) pause();
  }

 private:
  const std::string step_;
  std::atomic<std::uint64_t> left_;
};

}  // namespace weir::crash
