// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// "10s", "1500ms", "2h": the largest unit that loses nothing.
inline std::string duration_text(Duration span) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (const Unit& unit : kUnits) {
    if (span.count() != 0 && span.count() % unit.ms == 0) {
      return std::to_string(span.count() / unit.ms) + unit.name;
    }
  }
  return std::to_string(span.count()) + "ms";
}

}  // namespace weir::inline v0::detail
