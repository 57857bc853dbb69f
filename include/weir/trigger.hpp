// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// When a window fires, for `WindowedStream::trigger()`. The default is `at_window_end()`.
class WEIR_API Trigger final {
 public:
  enum class Kind : std::uint8_t { event_time, count, processing_time };

  constexpr Trigger(Kind kind, std::uint64_t count) noexcept : kind_{kind}, count_{count} {}

  Kind kind() const noexcept { return kind_; }
  std::uint64_t count() const noexcept { return count_; }
  bool is_purging() const noexcept { return is_purging_; }

  /// Each firing empties the window: the next result holds only what came since.
  constexpr Trigger purging() const noexcept {
    Trigger changed = *this;
    changed.is_purging_ = true;
    return changed;
  }
  std::vector<std::string> faults() const;
  std::string describe() const;

 private:
  Kind kind_;
  std::uint64_t count_;
  bool is_purging_ = false;
};

/// Fires when the watermark reaches the last millisecond of the window, and at once for each
/// record that comes later and is still accepted.
constexpr Trigger at_window_end() noexcept { return {Trigger::Kind::event_time, 0}; }

/// Fires after every `count` records of a key in a window, and never by time. When sessions merge,
/// their counts are added.
///
///     at_count(4), sessions of 3 and 3 records; a seventh joins them: fires once, with all seven
constexpr Trigger at_count(std::uint64_t count) noexcept { return {Trigger::Kind::count, count}; }

/// Fires when the machine's clock has passed the end of the window.
constexpr Trigger at_processing_time() noexcept { return {Trigger::Kind::processing_time, 0}; }

/// For `emit()`: one result per window when it closes, and one more per late record. The default.
struct OnClose {};
constexpr OnClose on_close() noexcept { return {}; }

/// For `emit()`: a `Change` after each record.
struct OnUpdate {};
constexpr OnUpdate on_update() noexcept { return {}; }

/// For `early()`. At least one of both.
struct EarlyOptions {
  /// By the machine's clock: results of windows that changed, this long after the first change.
  Duration every{0};
  /// After every so many records of a key in a window.
  std::uint64_t records = 0;
};

/// For `emit()`: results before the window closes, with timing `early`; then as `on_close()`.
constexpr EarlyOptions early(const EarlyOptions& options) noexcept { return options; }

}  // namespace weir::inline v0
