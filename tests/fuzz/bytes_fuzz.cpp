// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/error.hpp"

namespace {

void read_one(weir::ByteReader& in) {
  switch (in.u8() % 8) {
    case 0:
      in.u16();
      break;
    case 1:
      in.u32();
      break;
    case 2:
      in.u64();
      break;
    case 3:
      in.varint();
      break;
    case 4:
      in.zigzag();
      break;
    case 5:
      in.sized();
      break;
    case 6:
      in.raw(in.u8());
      break;
    default:
      in.f64();
  }
}

}  // namespace

// Any sequence of reads on any bytes ends in CorruptState, or at the end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::ByteReader in{{reinterpret_cast<const char*>(data), size}};
  try {
    while (!in.empty()) read_one(in);
  } catch (const weir::CorruptState&) {
    return 0;
  }
  return 0;
}
