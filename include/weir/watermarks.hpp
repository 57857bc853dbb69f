// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

// How far event time has come, as plain objects: no threads, no clock of their own.

/// The watermark of one split whose records come at most `max_disorder` late.
///
///     observe(1'337), max_disorder 10ms  ->  watermark 1'326
class BoundedDisorder final {
 public:
  constexpr explicit BoundedDisorder(Duration max_disorder) noexcept
      : max_disorder_{max_disorder} {}

  constexpr void observe(EventTime time) noexcept {
    if (time > latest_) latest_ = time;
  }
  /// EventTime::min() before any record.
  constexpr EventTime watermark() const noexcept { return latest_ - max_disorder_ - Duration{1}; }

  constexpr EventTime latest() const noexcept { return latest_; }
  constexpr void restore(EventTime latest) noexcept { latest_ = latest; }

 private:
  Duration max_disorder_;
  EventTime latest_ = EventTime::min();
};

/// Says how far event time has come in one split; for what `max_disorder` cannot say. One object
/// per split, used by one thread at a time.
template <class T>
class WatermarkGenerator {
 public:
  virtual ~WatermarkGenerator() = default;

  virtual void on_record(const T& record, EventTime time) = 0;
  /// No record with this time or an earlier one is expected any more. What goes back is ignored.
  virtual EventTime watermark() const = 0;
  /// True: asked after every record. False: after every batch.
  virtual bool is_per_record() const { return false; }
  /// How often to call on_clock, in processing time, and to ask again; nullopt: never.
  virtual std::optional<Duration> period() const { return std::nullopt; }
  virtual void on_clock(EventTime now) { (void)now; }
  /// What a checkpoint has to keep of the generator.
  virtual void save(ByteWriter& out) const { (void)out; }
  virtual void load(ByteReader& in) { (void)in; }
};

/// Finds out that nothing has happened for longer than a timeout. The countdown starts at the
/// first check after the last activity, not at the activity.
///
///     timeout 10ms:  check(0) false, check(11) true, activity(), check(12) false, check(23) true
class WEIR_API IdlenessTimer final {
 public:
  explicit IdlenessTimer(Duration timeout) noexcept : timeout_{timeout} {}

  void activity() noexcept { start_.reset(); }
  /// Whether it is idle at `now`.
  bool check(EventTime now) noexcept;
  /// The first moment at which check() will say yes; nullopt: the countdown has not started.
  std::optional<EventTime> due() const noexcept;

 private:
  Duration timeout_;
  std::optional<EventTime> start_;
};

/// What changed at the output of a valve or multiplexer, in the order to pass it on: becoming
/// active, the watermark, becoming idle.
struct TimeUpdate {
  std::optional<EventTime> watermark;
  std::optional<bool> is_idle;

  friend bool operator==(const TimeUpdate&, const TimeUpdate&) = default;
};

/// Combines the watermarks of several inputs: the smallest of those that are active and caught up.
/// It never goes back. When the last active input goes idle, the largest watermark of all is
/// passed on once, then the output is idle. An input that wakes up counts again when it has caught
/// up with the output. An input at EventTime::max() has ended and holds nobody back.
///
///     0: 10, 1: 5, 2: 3  ->  3        0, 1, 2 go idle  ->  10, idle
class WEIR_API WatermarkValve final {
 public:
  explicit WatermarkValve(std::size_t inputs = 0) : inputs_(inputs) {}

  /// One more input, active, without a watermark. Returns its number.
  std::size_t add_input();
  std::size_t input_count() const noexcept { return inputs_.size(); }
  /// The input starts anew: active, without a watermark. The output stays.
  void reset(std::size_t input);

  /// Ignored when it goes back, and while the input is idle (unless the input ends).
  [[nodiscard]] TimeUpdate on_watermark(std::size_t input, EventTime watermark);
  [[nodiscard]] TimeUpdate on_idle(std::size_t input, bool is_idle);

  EventTime watermark() const noexcept { return watermark_; }
  bool is_idle() const noexcept { return is_idle_; }

  void save(ByteWriter& out) const;
  /// Replaces everything, the number of inputs too.
  void load(ByteReader& in);
  /// Takes over what `from` knows of one of its inputs; what it knows of the output.
  void adopt(std::size_t input, const WatermarkValve& from, std::size_t from_input);
  void adopt_output(const WatermarkValve& from) noexcept;

 private:
  struct Input {
    EventTime watermark = EventTime::min();
    bool is_idle = false;
    bool is_caught_up = true;

    bool has_ended() const noexcept { return watermark == EventTime::max(); }
  };

  TimeUpdate settle();
  std::optional<EventTime> advance(EventTime watermark);
  std::optional<EventTime> smallest() const;

  std::vector<Input> inputs_;
  EventTime watermark_ = EventTime::min();
  bool is_idle_ = false;
};

/// Combines the watermarks of outputs that come and go, such as the splits of a source. An output
/// without news is active; one that reports a watermark becomes active.
class WEIR_API WatermarkMultiplexer final {
 public:
  using OutputId = std::uint64_t;

  /// Throws ConfigError if it is registered already.
  [[nodiscard]] TimeUpdate add(OutputId output);
  /// An output that is gone holds nobody back.
  [[nodiscard]] TimeUpdate remove(OutputId output);
  [[nodiscard]] TimeUpdate on_watermark(OutputId output, EventTime watermark);
  [[nodiscard]] TimeUpdate on_idle(OutputId output);

  EventTime watermark() const noexcept { return watermark_; }
  /// True when there are outputs and all are idle.
  bool is_idle() const noexcept { return is_idle_; }

 private:
  struct Output {
    EventTime watermark = EventTime::min();
    bool is_idle = false;
  };

  Output& at(OutputId output);
  TimeUpdate settle();

  std::map<OutputId, Output> outputs_;
  EventTime watermark_ = EventTime::min();
  bool is_idle_ = false;
};

/// Merges partitions by time: the one whose head has the lowest time goes first, of several the
/// lower partition. The order inside a partition is kept, also where its times go back.
template <class T>
class PartitionMerge final {
 public:
  struct Taken {
    std::uint64_t partition;
    EventTime time;
    T value;
  };

  void add(std::uint64_t partition, EventTime time, T value) {
    Queue& queue = partitions_[partition];
    queue.emplace_back(time, std::move(value));
    if (queue.size() == 1) heads_.emplace(time, partition);
  }
  /// The next record; nullopt when every partition is empty.
  std::optional<Taken> take() {
    if (heads_.empty()) return std::nullopt;
    const auto [time, partition] = *heads_.begin();
    heads_.erase(heads_.begin());
    Queue& queue = partitions_[partition];
    Taken taken{partition, time, std::move(queue.front().second)};
    queue.pop_front();
    if (!queue.empty()) heads_.emplace(queue.front().first, partition);
    return taken;
  }

 private:
  using Queue = std::deque<std::pair<EventTime, T>>;
  std::map<std::uint64_t, Queue> partitions_;
  std::set<std::pair<EventTime, std::uint64_t>> heads_;  // Of every partition that is not empty.
};

}  // namespace weir::inline v0
