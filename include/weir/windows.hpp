// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// The last millisecond that belongs to a window, and the time of its results: end - 1. A window
/// that reaches to the end of time has no millisecond after it, and includes the last one.
constexpr EventTime last_time(const Window& window) noexcept {
  return window.end == EventTime::max() ? window.end : window.end - Duration{1};
}

/// For `tumbling()`.
struct TumblingOptions {
  /// How long each window is. Positive.
  Duration size{0};
  /// Moves all windows: they start at offset + k * size. Any sign.
  Duration offset{0};
};

/// For `hopping()`.
struct HoppingOptions {
  /// How long each window is. Positive.
  Duration size{0};
  /// How far the next window starts after the last one. Positive. Records between two windows
  /// (every > size) belong to none, and are counted as filtered.
  Duration every{0};
  /// Moves all windows: they start at offset + k * every. Any sign.
  Duration offset{0};
};

/// Windows of one size on a regular grid. A record belongs to every window that contains its time.
///
///     hopping({.size = 10s, .every = 5s}).windows_of(EventTime{12'000})
///     // [5'000, 15'000), [10'000, 20'000)
///
/// Right for negative times; bounds beyond the range of times stop at its ends.
class WEIR_API TimeWindows final {
 public:
  explicit TimeWindows(const HoppingOptions& options) noexcept : options_{options} {}

  Duration size() const noexcept { return options_.size; }
  Duration every() const noexcept { return options_.every; }
  Duration offset() const noexcept { return options_.offset; }

  /// The windows of a record, the earliest first. Requires: faults().empty().
  std::vector<Window> windows_of(EventTime time) const;

  /// The same windows by the clock of the machine: a record belongs to the time at which it
  /// arrives, never late. A window closes when the clock reaches its end.
  TimeWindows by_processing_time() const noexcept {
    TimeWindows changed = *this;
    changed.is_by_processing_time_ = true;
    return changed;
  }
  bool is_by_processing_time() const noexcept { return is_by_processing_time_; }

  /// What is wrong with the options; the topology reports it.
  std::vector<std::string> faults() const;
  /// "tumbling 10s", "hopping 10m every 1m".
  std::string describe() const;

 private:
  HoppingOptions options_;
  bool is_by_processing_time_ = false;
};

/// Windows that follow one another without gaps: each record belongs to exactly one.
///
///     tumbling({.size = 10s}): [0, 10'000), [10'000, 20'000), ...
inline TimeWindows tumbling(const TumblingOptions& options) {
  return TimeWindows{{.size = options.size, .every = options.size, .offset = options.offset}};
}
inline TimeWindows tumbling(Duration size) { return tumbling(TumblingOptions{.size = size}); }

/// Windows that overlap. They share panes: a record costs one update, whatever size / every is.
///
///     hopping({.size = 10min, .every = 1min}): each record belongs to ten windows
inline TimeWindows hopping(const HoppingOptions& options) { return TimeWindows{options}; }

/// For `sessions()`.
struct SessionOptions {
  /// A session ends when nothing came for this long. Positive.
  Duration gap{0};
  /// For how long, in event time after a session has closed, a record that is on time itself may
  /// still make it part of a new one; it is kept as long. Default: what is closed stays closed.
  /// (Kafka Streams joins closed sessions as long as its store holds them.)
  Duration rejoin{0};
};

/// Windows that records make: a record at t is [t, t + gap), and windows of one key that overlap
/// or touch are one. So two records exactly `gap` apart are one session, and the last event of a
/// session is at end - gap.
///
///     gap 3s, records at 1s, 4s, 8s: [1s, 7s), [8s, 11s)
class WEIR_API Sessions final {
 public:
  explicit Sessions(const SessionOptions& options) noexcept : options_{options} {}

  Duration gap() const noexcept { return options_.gap; }
  Duration rejoin() const noexcept { return options_.rejoin; }
  template <class T>
  Duration gap_of(const T&) const noexcept {
    return options_.gap;
  }
  Sessions by_processing_time() const noexcept {
    Sessions changed = *this;
    changed.is_by_processing_time_ = true;
    return changed;
  }
  bool is_by_processing_time() const noexcept { return is_by_processing_time_; }
  std::vector<std::string> faults() const;
  std::string describe() const;

 private:
  SessionOptions options_;
  bool is_by_processing_time_ = false;
};

/// Sessions whose gap each record decides for itself. A gap below 1 ms counts as 1 ms.
template <class Gap>
class SessionsBy final {
 public:
  explicit SessionsBy(Gap gap) : gap_{std::move(gap)} {}

  Duration rejoin() const noexcept { return Duration{0}; }

  template <class T>
  Duration gap_of(const T& record) const {
    return std::invoke(gap_, record);
  }
  SessionsBy by_processing_time() const {
    SessionsBy changed = *this;
    changed.is_by_processing_time_ = true;
    return changed;
  }
  bool is_by_processing_time() const noexcept { return is_by_processing_time_; }
  std::vector<std::string> faults() const { return {}; }
  std::string describe() const { return "sessions, gap by record"; }

 private:
  Gap gap_;
  bool is_by_processing_time_ = false;
};

inline Sessions sessions(const SessionOptions& options) { return Sessions{options}; }
/// `gap(record)` or a member pointer: how long a session goes on after this record.
template <class Gap>
requires(!std::convertible_to<Gap, SessionOptions>) SessionsBy<Gap> sessions(Gap gap) {
  return SessionsBy<Gap>{std::move(gap)};
}

/// The window that a record makes before merging: [time, time + gap), at least 1 ms long.
constexpr Window session_of(EventTime time, Duration gap) noexcept {
  return {time, time + (gap < Duration{1} ? Duration{1} : gap)};
}

/// For `count_windows()`.
struct CountWindowOptions {
  /// How many records a window has. Positive.
  std::uint64_t size = 0;
  /// A result after every so many records of a key; 0: `size`. At most `size`.
  std::uint64_t every = 0;
};

/// Windows of the last `size` records of a key, a result after every `every` of them; the first
/// ones have fewer records. Bounds are the earliest time in the window and the latest one + 1 ms.
/// By arrival: no record is late. What does not fill up is not emitted.
class WEIR_API CountWindows final {
 public:
  explicit CountWindows(const CountWindowOptions& options) noexcept
      : size_{options.size}, every_{options.every == 0 ? options.size : options.every} {}

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t every() const noexcept { return every_; }
  std::vector<std::string> faults() const;
  std::string describe() const;

 private:
  std::uint64_t size_;
  std::uint64_t every_;
};

///     count_windows(3): records 1 2 3 4 5 6 of a key give two results
inline CountWindows count_windows(const CountWindowOptions& options) {
  return CountWindows{options};
}
inline CountWindows count_windows(std::uint64_t size) { return CountWindows{{.size = size}}; }

/// One window for all time, for use with a trigger; without one it fires at the end of time.
/// Its results have the largest time.
class WEIR_API GlobalWindow final {
 public:
  static constexpr Window window() noexcept { return {EventTime::min(), EventTime::max()}; }
  std::vector<std::string> faults() const { return {}; }
  std::string describe() const { return "global"; }
};

inline GlobalWindow global_window() { return {}; }

}  // namespace weir::inline v0
