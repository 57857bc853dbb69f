// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "runtime/split_task.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// Holds splits back that are more than `max_drift` ahead of the slowest split that still has
/// something to fetch, so that state stays bounded while catching up. Reads what other workers
/// publish; each worker holds its own splits alone.
class Alignment final {
 public:
  explicit Alignment(Duration max_drift) : max_drift_{max_drift} {}

  void add(SplitTask& task, std::uint32_t worker) { members_.push_back({&task, worker}); }
  /// Decides anew for the splits of one worker. Call once per round.
  void decide(std::uint32_t worker);

 private:
  struct Member {
    SplitTask* task;
    std::uint32_t worker;
  };

  EventTime slowest() const;

  const Duration max_drift_;
  std::vector<Member> members_;
};

}  // namespace weir::inline v0::detail
