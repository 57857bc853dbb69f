// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/csv.hpp"
#include "weir/error.hpp"

namespace weir_fuzz {

struct Click {
  std::string user;
  std::optional<std::string> note;
  std::optional<double> price;
  weir::EventTime at;
};

}  // namespace weir_fuzz

WEIR_FIELDS(weir_fuzz::Click, user, note, price, at);

// Any text is refused with BadRecord, or is a value that reads back from its own line. The first
// line is the header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t end = text.find('\n');
  const auto plain = weir::csv<weir_fuzz::Click>();
  try {
    const bool has_header = end != std::string_view::npos;
    const auto format = has_header ? plain.with_header(text.substr(0, end)) : plain;
    const auto value = format.decode(has_header ? text.substr(end + 1) : text);
    std::string line;
    plain.encode(value, line);
    std::string again;
    plain.encode(plain.decode(line), again);
    if (again != line) __builtin_trap();
  } catch (const weir::BadRecord&) {
    return 0;
  }
  return 0;
}
