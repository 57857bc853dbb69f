// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/task.hpp"

namespace weir::inline v0::detail {

/// A checkpoint whose parts are being collected.
class PendingCheckpoint final {
 public:
  PendingCheckpoint(CheckpointId id, std::int64_t start_ns, const std::vector<Task*>& tasks)
      : id_{id}, start_ns_{start_ns} {
    for (const Task* task : tasks) missing_.insert(task->name());
  }

  CheckpointId id() const noexcept { return id_; }
  std::int64_t start_ns() const noexcept { return start_ns_; }
  void add(const std::string& task, TaskPart part) {
    missing_.erase(task);
    parts_.push_back(std::move(part));
  }
  bool is_complete() const noexcept { return missing_.empty(); }
  std::vector<TaskPart> take_parts() { return std::move(parts_); }
  /// The tasks that have not passed the barrier, shortened.
  std::string describe_missing() const {
    std::string text;
    std::size_t named = 0;
    for (const std::string& task : missing_) {
      if (named == kNamedAtMost)
        return text + " and " + std::to_string(missing_.size() - named) + " more";
      text += (named++ == 0 ? "" : ", ") + task;
    }
    return text;
  }

 private:
  static constexpr std::size_t kNamedAtMost = 3;

  CheckpointId id_;
  std::int64_t start_ns_;
  std::set<std::string> missing_;
  std::vector<TaskPart> parts_;
};

}  // namespace weir::inline v0::detail
