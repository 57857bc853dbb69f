// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "weir/time.hpp"

namespace weir::inline v0 {

/// A value with its event time.
template <class T>
struct Record {
  T value;
  EventTime time;

  friend bool operator==(const Record&, const Record&) = default;
};

/// A value under its key.
template <class K, class V>
struct Keyed {
  K key;
  V value;

  friend bool operator==(const Keyed&, const Keyed&) = default;
};

/// The one key of a window over all records.
enum class All : std::uint8_t { records };

/// When a window's result was emitted: before its end, at its end, or again for a late record.
enum class PaneTiming : std::uint8_t { early, on_time, late };

/// Which firing of its window a result is.
struct Pane {
  PaneTiming timing = PaneTiming::on_time;
  /// 0 for the first firing of the window, then 1, 2, ...
  std::uint32_t index = 0;

  friend bool operator==(const Pane&, const Pane&) = default;
};

/// The result of a window for one key. Its event time is `end - 1`.
template <class K, class V>
struct Windowed {
  K key;
  V value;
  EventTime start;
  EventTime end;
  Pane pane;

  Window window() const noexcept { return {start, end}; }
  friend bool operator==(const Windowed&, const Windowed&) = default;
};

/// How the value under a key changed: what `changes()` and `on_update()` carry.
///
///     {"a", nullopt, 1}   appeared
///     {"a", 1, 2}         changed
///     {"a", 2, nullopt}   vanished
template <class K, class V>
struct Change {
  K key;
  std::optional<V> old;
  std::optional<V> now;

  friend bool operator==(const Change&, const Change&) = default;
};

/// The key of a change that comes from a window: whose window, and which.
template <class K>
struct WindowKey {
  K key;
  EventTime start;
  EventTime end;

  Window window() const noexcept { return {start, end}; }
  friend bool operator==(const WindowKey&, const WindowKey&) = default;
};

}  // namespace weir::inline v0
