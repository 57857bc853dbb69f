// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "weir/export.hpp"

namespace weir::inline v0 {

static_assert(std::endian::native == std::endian::little,
              "weir's formats are written for machines that keep the least significant byte first");

namespace detail {
[[noreturn]] WEIR_API void throw_bytes_missing(std::size_t at, std::size_t needed,
                                               std::size_t left);
[[noreturn]] WEIR_API void throw_bad_varint(std::size_t at);
}  // namespace detail

/// Appends numbers and text to a buffer that it owns; what `Codec<T>::encode` writes to.
///
///     ByteWriter out;
///     out.sized("ab");
///     out.varint(300);
///     out.view() == "\x02" "ab" "\xac\x02"
///
/// Fixed-width numbers are little-endian; the `big_` ones are big-endian, whose bytes sort as the
/// numbers do. A writer that is cleared keeps its memory. Not thread-safe.
class WEIR_API ByteWriter final {
 public:
  ByteWriter() = default;
  /// Reuses the memory of `buffer`; its content is dropped.
  explicit ByteWriter(std::string&& buffer) noexcept : buffer_{std::move(buffer)} {}

  void u8(std::uint8_t value) { put(value); }
  void u16(std::uint16_t value) { put(value); }
  void u32(std::uint32_t value) { put(value); }
  void u64(std::uint64_t value) { put(value); }
  void f32(float value) { put(value); }
  void f64(double value) { put(value); }
  void big_u16(std::uint16_t value) { put(__builtin_bswap16(value)); }
  void big_u32(std::uint32_t value) { put(__builtin_bswap32(value)); }
  void big_u64(std::uint64_t value) { put(__builtin_bswap64(value)); }

  /// Seven bits per byte, the lowest first: 1 byte below 128, 10 bytes at most.
  void varint(std::uint64_t value) {
    char* to = room(10);
    std::size_t length = 0;
    while (value >= 0x80) {
      to[length++] = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    to[length++] = static_cast<char>(value);
    size_ += length;
  }

  /// A signed varint: small in size for small magnitudes of either sign (0, -1, 1, -2 ...).
  void zigzag(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }

  /// The bytes alone; the reader must know how many they are.
  void raw(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  /// A varint length, then the bytes.
  void sized(std::string_view bytes) {
    varint(bytes.size());
    raw(bytes);
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// What was written; valid until the next call that is not const.
  std::string_view view() const noexcept { return {buffer_.data(), size_}; }

  /// Hands over what was written and leaves the writer empty.
  std::string take();

  /// Forgets what was written and keeps the memory.
  void clear() noexcept { size_ = 0; }

  /// Forgets what was written after the first `size` bytes. Requires: size <= size().
  void truncate(std::size_t size) noexcept { size_ = size; }

  /// Makes room for `bytes` more, so that the writes that need it do not allocate.
  void reserve(std::size_t bytes) { room(bytes); }

 private:
  template <class Number>
  void put(Number value) {
    std::memcpy(room(sizeof value), &value, sizeof value);
    size_ += sizeof value;
  }

  char* room(std::size_t bytes) {
    if (buffer_.size() - size_ < bytes) grow(bytes);
    return buffer_.data() + size_;
  }

  void grow(std::size_t bytes);

  std::string
      buffer_;  // Its size is the room there is, so that appending is a compare and a store.
  std::size_t size_ = 0;
};

/// Reads back what a ByteWriter wrote, from bytes that it does not own.
///
/// Every read throws `CorruptState` when too few bytes are left or a varint is malformed; nothing
/// past the end is ever touched. Not thread-safe.
class WEIR_API ByteReader final {
 public:
  explicit ByteReader(std::string_view bytes) noexcept
      : begin_{bytes.data()}, at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  std::uint8_t u8() { return get<std::uint8_t>(); }
  std::uint16_t u16() { return get<std::uint16_t>(); }
  std::uint32_t u32() { return get<std::uint32_t>(); }
  std::uint64_t u64() { return get<std::uint64_t>(); }
  float f32() { return get<float>(); }
  double f64() { return get<double>(); }
  std::uint16_t big_u16() { return __builtin_bswap16(get<std::uint16_t>()); }
  std::uint32_t big_u32() { return __builtin_bswap32(get<std::uint32_t>()); }
  std::uint64_t big_u64() { return __builtin_bswap64(get<std::uint64_t>()); }

  std::uint64_t varint() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) {
      return static_cast<unsigned char>(*at_++);
    }
    return long_varint();
  }

  std::int64_t zigzag() {
    const std::uint64_t bits = varint();
    return static_cast<std::int64_t>((bits >> 1) ^ (std::uint64_t{0} - (bits & 1)));
  }

  /// The next `size` bytes, in place: the view lives as long as the bytes that are read.
  std::string_view raw(std::size_t size) {
    if (size > remaining()) detail::throw_bytes_missing(position(), size, remaining());
    const std::string_view bytes{at_, size};
    at_ += size;
    return bytes;
  }

  /// A varint length and as many bytes, in place.
  std::string_view sized() {
    const std::uint64_t size = varint();
    if (size > remaining()) detail::throw_bytes_missing(position(), size, remaining());
    return raw(static_cast<std::size_t>(size));
  }

  /// Everything that is left.
  std::string_view rest() noexcept {
    const std::string_view bytes{at_, remaining()};
    at_ = end_;
    return bytes;
  }

  /// How many bytes were read.
  std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  /// How many bytes are left.
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  bool empty() const noexcept { return at_ == end_; }

 private:
  template <class Number>
  Number get() {
    if (remaining() < sizeof(Number)) {
      detail::throw_bytes_missing(position(), sizeof(Number), remaining());
    }
    Number value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  std::uint64_t long_varint();

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace weir::inline v0
