// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/ids.hpp"
#include "weir/io/push_result.hpp"
#include "weir/source.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// Bounds and producers of a push source.
struct PushSettings {
  std::size_t max_records = 0;
  std::size_t max_bytes = 0;
  std::vector<std::string> producers;  ///< Empty: one without a name, and without positions.
  std::function<void(const std::string& producer, std::uint64_t position)> committed;
};

/// What is to be pushed.
struct PushRequest {
  std::size_t producer = 0;
  std::optional<std::uint64_t> position;
  std::size_t bytes = 0;
  Duration at_most{0};  ///< How long to wait for room; Duration::max(): as long as it takes.
};

/// What was taken out of a queue.
struct PushTaken {
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::uint64_t last_position = 0;
};

/// The way from the host's threads to the readers of a push source, without the records: who may
/// pass, who waits, and what positions mean. The records lie in queues that are touched in `place`,
/// `take` and `clear` only, which run under the gate's mutex.
///
/// Thread safety: any thread. The mutex is the point where host threads, workers and the storage
/// thread meet; it is held to move records, and calls nothing but `wake`.
class WEIR_API PushGate final {
 public:
  explicit PushGate(PushSettings settings);

  const PushSettings& settings() const { return settings_; }
  bool has_positions() const { return !settings_.producers.empty(); }
  std::vector<std::string> faults() const;
  std::vector<SplitId> splits() const;
  /// Throws: ConfigError when there is none of that name.
  std::size_t producer(const std::string& name) const;

  // Of the host.

  io::PushResult push(const PushRequest& request, const std::function<void()>& place);
  bool wait_until_open(std::size_t producer, Duration at_most);
  std::optional<std::uint64_t> last_committed(std::size_t producer) const;
  void close(std::size_t producer);
  void close_all();
  bool is_closed() const;

  // Of the job.

  void open(std::size_t producer, const std::optional<Position>& position,
            std::function<void()> wake, const std::function<void()>& clear);
  void reader_gone(std::size_t producer);
  Poll take(std::size_t producer, const std::function<PushTaken()>& take);
  Position position(std::size_t producer) const;
  std::uint64_t record_number(std::size_t producer) const;
  std::uint64_t queued(std::size_t producer) const;
  void committed(std::size_t producer, const Position& position);
  void job_ended();

 private:
  struct Producer {
    bool is_open = false;     // The job has said where it continues.
    bool is_rewound = false;  // The producer has to be told that the job went back.
    bool is_closed = false;
    std::size_t queued = 0;
    std::size_t queued_bytes = 0;
    std::uint64_t delivered_count = 0;
    std::optional<std::uint64_t> accepted;   // The last position that was let in.
    std::optional<std::uint64_t> delivered;  // The last one that a reader took.
    std::optional<std::uint64_t> committed;
    std::function<void()> wake;  // Empty: there is no reader.
  };

  enum class Answer : std::uint8_t { wait, pass, known, closed, rewound };
  Answer answer(const PushRequest& request, Producer& producer) const;
  bool has_room(const PushRequest& request) const;
  template <class Predicate>
  bool wait(std::unique_lock<std::mutex>& lock, Duration at_most, Predicate is_over);

  const PushSettings settings_;
  mutable std::mutex mutex_;  // Guards everything below.
  std::condition_variable changed_;
  std::vector<Producer> producers_;
  std::size_t queued_records_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t waiting_ = 0;
  bool is_job_over_ = false;
};

}  // namespace weir::inline v0::detail
