// SPDX-License-Identifier: Apache-2.0
#include "json/text_scan.hpp"

#include <bit>
#include <cstring>

namespace weir::inline v0::json_text {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

constexpr std::uint64_t all_bytes(unsigned char byte) { return kOnes * byte; }

/// A high bit in the lowest byte that is 0; nothing below that one is set.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - kOnes) & ~word & kHighBits;
}

/// The same for bytes that need a closer look.
constexpr std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t control = (word - all_bytes(0x20)) & ~word & kHighBits;
  return zero_bytes(word ^ all_bytes('"')) | zero_bytes(word ^ all_bytes('\\')) | control |
         (word & kHighBits);
}

bool is_special(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value < 0x20 || value >= 0x80 || byte == '"' || byte == '\\';
}

unsigned char byte_at(const char* at, std::size_t index) {
  return static_cast<unsigned char>(at[index]);
}

/// The length that a first byte announces; 0 if no character begins with it.
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

/// The second byte tells overlong forms, surrogates and what is above U+10FFFF.
bool may_follow(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

}  // namespace

const char* find_special(const char* at, const char* end) noexcept {
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t special = special_bytes(word);
    if (special != 0) return at + std::countr_zero(special) / 8;
    at += 8;
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

std::size_t utf8_length(const char* at, const char* end) noexcept {
  const unsigned char first = byte_at(at, 0);
  const std::size_t length = announced_length(first);
  if (length == 0 || static_cast<std::size_t>(end - at) < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(at, i) & 0xc0) != 0x80) return 0;
  }
  if (length > 1 && !may_follow(first, byte_at(at, 1))) return 0;
  return length;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto continuation = [code_point](unsigned shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xc0 | (code_point >> 6));
    out += continuation(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xe0 | (code_point >> 12));
    out += continuation(6);
    out += continuation(0);
  } else {
    out += static_cast<char>(0xf0 | (code_point >> 18));
    out += continuation(12);
    out += continuation(6);
    out += continuation(0);
  }
}

}  // namespace weir::inline v0::json_text
