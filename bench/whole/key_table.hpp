// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "bench/whole/records.hpp"

namespace bench {

/// Two multiplications over the 16 bytes of a key.
struct KeyHash {
  std::uint64_t operator()(const Key& key) const noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, key.data(), 8);
    std::memcpy(&high, key.data() + 8, 8);
    return mixed(low ^ 0x9e3779b97f4a7c15, high ^ 0xbf58476d1ce4e5b9);
  }

 private:
  static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};

/// Compares keys as two words: std::array would call memcmp.
struct KeyEqual {
  bool operator()(const Key& a, const Key& b) const noexcept {
    return __builtin_memcmp(a.data(), b.data(), sizeof(Key)) == 0;
  }
};

/// The hand-written table that weir is compared with: open addressing, linear probing, key, hash
/// and value in one slot of 32 bytes. Cleared and used again, it keeps its size.
template <class V>
class KeyTable final {
 public:
  struct Slot {
    Key key;
    std::uint64_t hash;  // 0: the slot is free.
    V value;
  };

  V& at(const Key& key) { return at(KeyHash{}(key) | 1, key); }
  V& at(std::uint64_t hash, const Key& key) {
    const std::size_t last = slots_.size() - 1;
    Slot* const slots = slots_.data();
    for (std::size_t i = hash >> shift_;; i = (i + 1) & last) {
      Slot& slot = slots[i];
      if (slot.hash == hash && KeyEqual{}(slot.key, key)) return slot.value;
      if (slot.hash == 0) return insert(slot, hash, key);
    }
  }
  template <class Visit>
  void for_each(const Visit& visit) {
    for (Slot& slot : slots_) {
      if (slot.hash != 0) visit(slot);
    }
  }
  void clear() {
    for (Slot& slot : slots_) slot.hash = 0;
    size_ = 0;
  }
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kLeast = 64;

  V& insert(Slot& slot, std::uint64_t hash, const Key& key) {
    if (4 * size_ >= 3 * slots_.size()) {
      grow();
      return at(hash, key);
    }
    ++size_;
    slot.key = key;
    slot.hash = hash;
    return slot.value = V{};
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size(), Slot{});
    old.swap(slots_);
    --shift_;
    size_ = 0;
    for (const Slot& slot : old) {
      if (slot.hash != 0) at(slot.hash, slot.key) = slot.value;
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(kLeast, Slot{});
  std::size_t size_ = 0;
  int shift_ = 58;  // 64 - log2(kLeast).
};

}  // namespace bench
