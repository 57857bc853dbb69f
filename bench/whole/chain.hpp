// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/whole/records.hpp"

/// User code that bounds and weir have in common.
namespace bench {

/// What is left of an event after the first map.
struct Reading {
  std::uint32_t time_ms;
  std::int32_t value;
};

// Lambdas, as users write them: calls of them are inlined, those of functions would not be.
inline constexpr auto kIsWanted = [](const Event& event) { return (event.amount & 7) != 0; };
inline constexpr auto kReadingOf = [](const Event& event) {
  return Reading{event.time_ms, event.amount};
};
inline constexpr auto kScaled = [](const Reading& reading) {
  return Reading{reading.time_ms, reading.value * 3 + 1};
};
inline constexpr auto kIsPlausible = [](const Reading& reading) {
  return (reading.value & 15) != 0;
};

inline bool is_blank(char letter) { return static_cast<unsigned char>(letter) <= ' '; }

/// Calls visit(word) for what lies between blanks.
template <class Visit>
void for_each_word(std::string_view text, const Visit& visit) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    while (at != end && is_blank(*at)) ++at;
    if (at == end) return;
    const char* const begin = at;
    while (at != end && !is_blank(*at)) ++at;
    visit(std::string_view{begin, static_cast<std::size_t>(at - begin)});
  }
}

}  // namespace bench
