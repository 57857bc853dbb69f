// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// Compares short texts without a call: two overlapping words for up to 16 bytes, four for 32.
inline bool equal_bytes(const char* a, const char* b, std::size_t size) noexcept {
  const auto word = [](const char* from) {
    std::uint64_t value;
    std::memcpy(&value, from, sizeof value);
    return value;
  };
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size >= 16) {
    return ((word(a) ^ word(b)) | (word(a + 8) ^ word(b + 8)) |
            (word(a + size - 16) ^ word(b + size - 16)) |
            (word(a + size - 8) ^ word(b + size - 8))) == 0;
  }
  if (size >= 8) {
    return ((word(a) ^ word(b)) | (word(a + size - 8) ^ word(b + size - 8))) == 0;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

/// Text in 24 bytes: up to 23 characters inline, longer ones on the heap. Never changes.
class ShortText final {
 public:
  explicit ShortText(std::string_view text) {
    if (text.size() <= kInline) {
      if (!text.empty()) std::memcpy(bytes_, text.data(), text.size());
      bytes_[kInline] = static_cast<char>(text.size());
      return;
    }
    auto copy = std::make_unique<char[]>(text.size());
    std::memcpy(copy.get(), text.data(), text.size());
    set_heap(copy.release(), text.size());
  }
  ShortText(ShortText&& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    other.bytes_[kInline] = 0;
  }
  ShortText(const ShortText&) = delete;
  ShortText& operator=(const ShortText&) = delete;
  ~ShortText() {
    if (is_on_heap()) std::unique_ptr<char[]>{heap_data()};
  }

  std::string_view view() const noexcept {
    if (is_on_heap()) return {heap_data(), heap_size()};
    return {bytes_, static_cast<unsigned char>(bytes_[kInline])};
  }
  bool equals(std::string_view text) const noexcept {
    const std::string_view own = view();
    return own.size() == text.size() && equal_bytes(own.data(), text.data(), text.size());
  }
  std::size_t heap_bytes() const noexcept { return is_on_heap() ? heap_size() : 0; }

 private:
  static constexpr std::size_t kInline = 23;
  static constexpr char kOnHeap = 0x7f;  // More than fits inline.

  bool is_on_heap() const noexcept { return bytes_[kInline] == kOnHeap; }
  void set_heap(char* data, std::size_t size) noexcept {
    std::memcpy(bytes_, &data, sizeof data);
    std::memcpy(bytes_ + sizeof data, &size, sizeof size);
    bytes_[kInline] = kOnHeap;
  }
  char* heap_data() const noexcept {
    char* data;
    std::memcpy(&data, bytes_, sizeof data);
    return data;
  }
  std::size_t heap_size() const noexcept {
    std::size_t size;
    std::memcpy(&size, bytes_ + sizeof(char*), sizeof size);
    return size;
  }

  alignas(8) char bytes_[kInline + 1];
};

/// The key part of an entry of a key that is not stored yet.
template <class K>
struct KeyBytes {
  static std::string_view of(const K& key, std::string& scratch) {
    return KeyCodec<K>::bytes(key, scratch);
  }
};

/// How a table holds keys of type K. `parts` splits one into the key and the subkey of its entry.
template <class K>
struct StoredKey {
  using Type = K;
  struct Scratch {};

  static const K& make(const K& key) noexcept { return key; }
  static bool equals(const K& stored, const K& key) {
    if constexpr (RawKey<K>) {
      return __builtin_memcmp(&stored, &key, sizeof(K)) == 0;  // Inline, unlike std::array's ==.
    } else {
      return stored == key;
    }
  }
  static const K& get(const K& stored, Scratch&) noexcept { return stored; }
  static std::string_view key_bytes(const K& stored, std::string& scratch) {
    return KeyCodec<K>::bytes(stored, scratch);
  }
  static std::string_view subkey_bytes(const K&, std::string&) noexcept { return {}; }
  static K decode(std::string_view key, std::string_view) { return KeyCodec<K>::decode(key); }
  static std::uint64_t hash(const K& key, std::string& scratch) { return hash_key(key, scratch); }
};

/// Text up to 23 bytes costs no allocation.
template <>
struct StoredKey<std::string> {
  using Type = ShortText;
  using Scratch = std::string;

  static std::string_view make(const std::string& key) noexcept { return key; }
  static bool equals(const ShortText& stored, const std::string& key) noexcept {
    return stored.equals(key);
  }
  /// As a string: kept in `scratch`.
  static const std::string& get(const ShortText& stored, std::string& scratch) {
    scratch = stored.view();
    return scratch;
  }
  static std::string_view key_bytes(const ShortText& stored, std::string&) noexcept {
    return stored.view();
  }
  static std::string_view subkey_bytes(const ShortText&, std::string&) noexcept { return {}; }
  static std::string decode(std::string_view key, std::string_view) { return std::string{key}; }
  static std::uint64_t hash(const std::string& key, std::string&) noexcept {
    return stable_hash(key);
  }
};

}  // namespace weir::inline v0::detail
