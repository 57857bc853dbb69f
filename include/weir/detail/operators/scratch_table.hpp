// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::inline v0::detail {

/// A hash table for the length of one firing, that keeps its memory: values by key, in the order in
/// which keys were first met. Entries may be sorted; then nothing may be looked up any more.
template <class K, class V>
class ScratchTable final {
 public:
  struct Entry {
    std::uint64_t hash;
    K key;
    V value;
  };

  std::vector<Entry>& entries() noexcept { return entries_; }
  std::size_t size() const noexcept { return entries_.size(); }

  V* find(std::uint64_t hash, const K& key) {
    if (slots_.empty()) return nullptr;
    const std::uint32_t slot = slots_[place(hash, key)];
    return slot == 0 ? nullptr : &entries_[slot - 1].value;
  }
  /// The value of the key; `make()` makes it if it is new.
  template <class Make>
  V& get_or_create(std::uint64_t hash, const K& key, const Make& make) {
    if (2 * (entries_.size() + 1) > slots_.size()) grow();
    std::uint32_t& slot = slots_[place(hash, key)];
    if (slot == 0) {
      entries_.push_back({hash, key, make()});
      slot = static_cast<std::uint32_t>(entries_.size());
    }
    return entries_[slot - 1].value;
  }
  void clear() {
    entries_.clear();
    slots_.assign(slots_.size(), 0);
  }

 private:
  /// Where the key is, or would be.
  std::size_t place(std::uint64_t hash, const K& key) const {
    const std::size_t mask = slots_.size() - 1;
    // The upper bits are the same for all keys of a shard.
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (slots_[at] != 0) {
      const Entry& entry = entries_[slots_[at] - 1];
      if (entry.hash == hash && entry.key == key) break;
      at = (at + 1) & mask;
    }
    return at;
  }
  void grow() {
    slots_.assign(std::bit_ceil(4 * (entries_.size() + 4)), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      slots_[place(entries_[i].hash, entries_[i].key)] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // Number of the entry + 1; 0: free.
};

}  // namespace weir::inline v0::detail
