// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "weir/time.hpp"

namespace weir::inline v0 {

/// A timer that is due.
struct Timer {
  enum class Kind : std::uint8_t { event_time, processing_time };

  /// What it was set to; of a repetition, the time reached.
  EventTime time;
  std::string name;
  Kind kind = Kind::event_time;
};

/// Names a second kind of output of a process, and its type.
///
///     const SideOutput<Refused> refused{"refused"};
///     results.side(refused)            // a Stream<Refused>
template <class U>
class SideOutput final {
 public:
  using value_type = U;

  explicit SideOutput(std::string name) : name_{std::move(name)} {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

}  // namespace weir::inline v0
