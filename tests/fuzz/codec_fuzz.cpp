// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "weir/codec.hpp"
#include "weir/error.hpp"
#include "weir/record.hpp"

namespace {

struct Click {
  std::string user;
  std::optional<std::int32_t> count;
  weir::EventTime at;
};

struct Everything {
  bool flag;
  std::uint16_t small;
  std::vector<Click> clicks;
  std::map<std::string, std::vector<std::byte>> blobs;
  std::unordered_map<std::int64_t, std::set<char>> sets;
  std::variant<std::monostate, Click, std::string> either;
  weir::Change<weir::WindowKey<std::string>, std::int64_t> change;
};

}  // namespace

// Any bytes are refused with CorruptState, or are a value that reads back from its own bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto value =
        weir::decode_from_string<Everything>({reinterpret_cast<const char*>(data), size});
    const std::string bytes = weir::encode_to_string(value);
    const auto again = weir::decode_from_string<Everything>(bytes);
    if (weir::encode_to_string(again) != bytes) __builtin_trap();
  } catch (const weir::CorruptState&) {
    return 0;
  }
  return 0;
}
