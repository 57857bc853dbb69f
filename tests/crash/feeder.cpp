// SPDX-License-Identifier: Apache-2.0
#include "crash/feeder.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include "crash/crash_job.hpp"

namespace weir::crash {
namespace {

constexpr std::chrono::seconds kPause{1};
constexpr int kTriesMax = 10;

}  // namespace

Feeder::Feeder(kafka_test::ClientSettings client, std::string topic, double per_second)
    : client_{std::move(client)},
      topic_{std::move(topic)},
      per_second_{per_second},
      thread_{[this] { run(); }} {}

Feeder::~Feeder() {
  ask_to_stop();
  if (thread_.joinable()) thread_.join();
}

void Feeder::ask_to_stop() {
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
  }
  stopping_.notify_all();
}

/// Until the time has passed, or it is time to stop.
void Feeder::pause(std::chrono::milliseconds span) {
  std::unique_lock lock{mutex_};
  stopping_.wait_for(lock, span, [this] { return is_stopping_.load(); });
}

std::uint64_t Feeder::stop() {
  ask_to_stop();
  thread_.join();
  if (error_) std::rethrow_exception(error_);
  return count_;
}

void Feeder::run() {
  try {
    start_ = Clock::now();
    while (!feed()) fill_gaps();
  } catch (...) {
    error_ = std::current_exception();
  }
}

bool Feeder::feed() {
  try {
    kafka_test::TestProducer producer{client_};
    while (!is_stopping_) {
      const std::chrono::duration<double> passed = Clock::now() - start_;
      const auto due = static_cast<std::uint64_t>(passed.count() * per_second_);
      while (count_ < due && !is_stopping_) send(producer, count_++);
      pause(std::chrono::milliseconds{5});
    }
    producer.flush();
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void Feeder::send(kafka_test::TestProducer& producer, std::uint64_t record) const {
  producer.send(topic_, {.key = std::to_string(key_of(record)), .value = std::to_string(record)});
}

/// What was on its way when the producer gave up may be there, or not.
void Feeder::fill_gaps() {
  for (int tries = 1;; ++tries) {
    pause(kPause);
    try {
      std::vector<bool> is_there(count_);
      kafka_test::read_committed(client_, topic_, [&](kafka_test::Received&& received) {
        is_there.at(std::stoull(received.value.value())) = true;
      });
      kafka_test::TestProducer producer{client_};
      for (std::uint64_t record = 0; record < count_; ++record) {
        if (!is_there[record]) send(producer, record);
      }
      return producer.flush();
    } catch (const std::runtime_error&) {
      if (tries == kTriesMax) throw;
    }
  }
}

}  // namespace weir::crash
