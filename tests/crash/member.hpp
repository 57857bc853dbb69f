// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crash/child.hpp"
#include "crash/kafka_job.hpp"

namespace weir::crash {

/// One of the processes that share the job from Kafka to Kafka, over all its lives.
class Member final {
 public:
  explicit Member(KafkaJobOptions options) : options_{std::move(options)} {}

  const std::string& name() const noexcept { return options_.instance; }
  /// A new life. It stops at the `count`-th passing of a step, if one is named.
  void start(const std::string& step, std::uint64_t count, std::uint64_t error_seed);
  void kill();
  /// SIGTERM; then pump() until has_ended().
  void stop();
  /// Takes what it says, and waits up to `timeout_ms` for something. Throws std::runtime_error when
  /// it has ended unasked.
  void pump(int timeout_ms);

  bool is_alive() const noexcept { return child_ != nullptr; }
  bool has_ended() const noexcept { return has_ended_; }
  /// Whether it has committed something in this life.
  bool has_committed() const noexcept { return has_committed_; }
  const std::string& step() const noexcept { return options_.pause_step; }
  bool is_paused() const noexcept { return is_paused_; }
  /// What it waits for, in its words.
  const std::string& status() const noexcept { return status_; }
  /// The longest time without a commit and without a status that says why, over all lives.
  std::int64_t longest_silence_ms() const noexcept { return longest_silence_ms_; }
  /// The status that it had then.
  const std::string& silent_status() const noexcept { return silent_status_; }

 private:
  void take(const std::string& line);

  KafkaJobOptions options_;
  std::unique_ptr<Child> child_;
  bool has_committed_ = false;
  bool is_paused_ = false;
  bool is_stopping_ = false;
  bool has_ended_ = false;
  std::string status_;
  std::int64_t longest_silence_ms_ = 0;
  std::string silent_status_;
};

}  // namespace weir::crash
