// SPDX-License-Identifier: Apache-2.0
#include "weir/bytes.hpp"

#include <algorithm>
#include <string>

#include "weir/error.hpp"

namespace weir::inline v0 {

namespace {

constexpr std::size_t kSmallestBuffer = 64;

}  // namespace

void detail::throw_bytes_missing(std::size_t at, std::size_t needed, std::size_t left) {
  throw CorruptState("at byte " + std::to_string(at) + ": " + std::to_string(needed) +
                     " bytes are expected and " + std::to_string(left) +
                     " are there; the bytes are truncated or not of this type");
}

void detail::throw_bad_varint(std::size_t at) {
  throw CorruptState("at byte " + std::to_string(at) +
                     ": a varint is longer than 64 bits; the bytes are not of this type");
}

std::string ByteWriter::take() {
  buffer_.resize(size_);
  size_ = 0;
  return std::exchange(buffer_, std::string{});
}

void ByteWriter::grow(std::size_t bytes) {
  buffer_.resize(std::max({kSmallestBuffer, buffer_.capacity(), size_ + bytes, 2 * size_}));
}

std::uint64_t ByteReader::long_varint() {
  const std::size_t start = position();
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = u8();
    if (shift == 63 && byte > 1) detail::throw_bad_varint(start);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  detail::throw_bad_varint(start);
}

}  // namespace weir::inline v0
