// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "weir/time.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0 {

/// How event time goes on in each split of a stream of T.
///
///     clicks.event_time(&Click::at, {.max_disorder = 10s, .idle_after = 1min})
template <class T>
struct EventTimeOptions {
  /// How late a record may come behind the latest one of its split; 0: times never go back.
  /// Watermark = latest time - max_disorder - 1 ms.
  Duration max_disorder{0};
  /// A split that has had nothing left to fetch for so long holds others back no more; nullopt: it
  /// always does.
  std::optional<Duration> idle_after = std::chrono::minutes{1};
  /// A split that is further ahead of the slowest one is not read from; nullopt: no limit.
  std::optional<Duration> max_drift = std::nullopt;
  /// Makes a generator for each split, in place of max_disorder.
  std::function<std::unique_ptr<WatermarkGenerator<T>>()> generator = nullptr;
  /// True: the watermark follows every record. False: every batch.
  bool per_record = false;
};

}  // namespace weir::inline v0
