// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/error.hpp"
#include "weir/json.hpp"

namespace weir_fuzz {

struct Click {
  std::string user;
  std::optional<double> price;
  weir::EventTime at;
  std::vector<std::string> tags;
  std::map<std::string, std::int32_t> counts;
};

}  // namespace weir_fuzz

template <>
struct weir::Fields<weir_fuzz::Click> {
  using Self = weir_fuzz::Click;
  static constexpr auto all =
      std::tuple{field("user", &Self::user), field("price", &Self::price), field("at", &Self::at),
                 field_or_default("tags", &Self::tags), field_or_default("counts", &Self::counts)};
};

// Any text is refused with BadRecord, or is a value that reads back from its own text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto format = weir::json<weir_fuzz::Click>();
  try {
    const auto value = format.decode({reinterpret_cast<const char*>(data), size});
    std::string text;
    format.encode(value, text);
    std::string again;
    format.encode(format.decode(text), again);
    if (again != text) __builtin_trap();
  } catch (const weir::BadRecord&) {
    return 0;
  }
  return 0;
}
