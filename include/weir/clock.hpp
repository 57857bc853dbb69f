// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// The door through which weir learns what time it is. Tests pass one that they turn by hand.
/// Thread safety: any thread, at any time.
class WEIR_API Clock {
 public:
  virtual ~Clock() = default;

  /// Processing time: what the calendar says, in milliseconds since the epoch. May jump.
  virtual EventTime now() const = 0;

  /// Nanoseconds since some moment in the past; never goes back. For spans and deadlines.
  virtual std::int64_t monotonic_ns() const = 0;
};

/// The machine's own clock.
class WEIR_API SystemClock final : public Clock {
 public:
  EventTime now() const override;
  std::int64_t monotonic_ns() const override;
};

}  // namespace weir::inline v0
