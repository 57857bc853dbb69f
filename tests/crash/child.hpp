// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace weir::crash {

/// A program that is started, listened to, and killed.
class Child final {
 public:
  /// Starts this very program again with other arguments. Throws std::runtime_error.
  explicit Child(const std::vector<std::string>& arguments);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Kills it if it still runs.
  ~Child();

  /// The next line of its output; nullopt at the end, or when `timeout_ms` has passed.
  std::optional<std::string> read_line(int timeout_ms);
  /// SIGTERM, SIGSTOP... Returns at once.
  void signal(int number);
  /// kill -9; returns when it is gone.
  void kill();
  /// Waits for its end. Returns its exit status; -1 if a signal ended it.
  int wait();
  bool has_closed() const noexcept { return has_closed_; }

 private:
  pid_t process_ = -1;
  int output_ = -1;
  bool has_closed_ = false;
  std::string buffer_;
};

}  // namespace weir::crash
