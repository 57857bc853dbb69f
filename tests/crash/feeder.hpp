// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "kafka/topics.hpp"

namespace weir::crash {

/// Writes records 0, 1, 2... to a topic, so many a second, each once, whatever becomes of the
/// broker meanwhile. A record is its number as text; its key is that of the crash job, so that the
/// topic is partitioned by it.
class Feeder final {
 public:
  Feeder(kafka_test::ClientSettings client, std::string topic, double per_second);
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;
  ~Feeder();

  /// Returns how many records there are, when all of them are there. Throws std::runtime_error.
  std::uint64_t stop();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void ask_to_stop();
  void pause(std::chrono::milliseconds span);
  /// Until it is to stop; false when the producer has given up: the client library's gives up when
  /// it cannot tell any more whether a record was written.
  bool feed();
  void send(kafka_test::TestProducer& producer, std::uint64_t record) const;
  void fill_gaps();

  const kafka_test::ClientSettings client_;
  const std::string topic_;
  const double per_second_;
  std::mutex mutex_;  // For the pause.
  std::condition_variable stopping_;
  std::atomic<bool> is_stopping_{false};
  Clock::time_point start_;
  std::uint64_t count_ = 0;   // Read when the thread has ended.
  std::exception_ptr error_;  // Read when the thread has ended.
  std::thread thread_;
};

}  // namespace weir::crash
