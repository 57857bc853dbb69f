// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "weir/detail/state/stored_key.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

struct FreeMemory {
  void operator()(void* memory) const noexcept { std::free(memory); }
};

/// Memory filled with zeros. Throws: std::bad_alloc.
WEIR_API void* zeroed_memory(std::size_t count, std::size_t size);

/// One place of a slot table. Key and value are constructed while `hash` is that of an entry.
template <class Key, class Value>
struct Slot {
  std::uint64_t hash;   ///< 0: free; else the entry's.
  std::uint32_t flags;  ///< Of the table's owner.
  std::uint32_t delta;  ///< Of the table's owner.
  alignas(Key) std::byte key_bytes[sizeof(Key)];
  alignas(Value) std::byte value_bytes[sizeof(Value)];

  bool is_used() const noexcept { return hash != 0; }
  Key& key() noexcept { return *std::launder(reinterpret_cast<Key*>(key_bytes)); }
  Value& value() noexcept { return *std::launder(reinterpret_cast<Value*>(value_bytes)); }
};

/// Open addressing with everything in the slot. Entries lie in the order of their hashes (but for
/// the 16 bits that a shard's keys share), so growing is one pass over both arrays, in order.
///
/// The owner says what flags mean; it constructs and destroys values (kHasValue tells the table
/// which to move). Slots move when the table is rehashed, and when another entry is removed.
template <class K, class Value>
class SlotTable final {
 public:
  using Stored = typename StoredKey<K>::Type;
  using SlotType = Slot<Stored, Value>;
  /// The value is constructed.
  static constexpr std::uint32_t kHasValue = 1;

  SlotTable() { allocate(kMinCapacity); }
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;
  ~SlotTable() { destroy_all(); }

  SlotType* find(std::uint64_t hash, const K& key) noexcept {
    hash = usable(hash);
    for (std::size_t i = index_of(hash);;) {
      SlotType& slot = slots_[i];
      if (slot.hash == hash && StoredKey<K>::equals(slot.key(), key)) return &slot;
      if (slot.hash == 0) return nullptr;
      if (++i == capacity_) i = 0;
    }
  }
  void prefetch(std::uint64_t hash) const noexcept {
    const SlotType* slot = &slots_[index_of(hash)];
    __builtin_prefetch(slot, 1);
    if constexpr (sizeof(SlotType) > 32) {
      __builtin_prefetch(reinterpret_cast<const char*>(slot) + sizeof(SlotType) - 1, 1);
    }
  }

  /// True when insert() must be preceded by rehash().
  bool is_full() const noexcept { return count_ >= limit_; }
  /// Adds an entry without a value; flags and delta are 0. Requires: !is_full(); the key is absent.
  SlotType& insert(std::uint64_t hash, const K& key) {
    hash = usable(hash);
    std::size_t i = index_of(hash);
    while (slots_[i].is_used()) i = next(i);
    SlotType& slot = slots_[i];
    std::construct_at(reinterpret_cast<Stored*>(slot.key_bytes), StoredKey<K>::make(key));
    slot.hash = hash;
    slot.flags = 0;
    slot.delta = 0;
    ++count_;
    return slot;
  }
  /// Removes an entry and closes the gap: others may move, for each moved(old index, new index) is
  /// called. Requires: its value is destroyed.
  template <class Moved>
  void remove(SlotType& slot, Moved&& moved) {
    std::destroy_at(&slot.key());
    slot.hash = 0;
    --count_;
    std::size_t hole = index(slot);
    for (std::size_t i = next(hole); slots_[i].is_used(); i = next(i)) {
      const std::size_t home = index_of(slots_[i].hash);
      const bool may_stay = hole < i ? home > hole && home <= i : home > hole || home <= i;
      if (may_stay) continue;
      relocate_slot(slots_[i], slots_[hole]);
      moved(i, hole);
      hole = i;
    }
  }

  /// Moves all entries to room for `capacity` slots; calls moved(old index, new index) for each.
  template <class Moved>
  void rehash(std::size_t capacity, Moved&& moved) {
    Array old = std::move(slots_);
    const std::size_t old_capacity = capacity_;
    allocate(capacity);
    for (std::size_t i = 0; i < old_capacity; ++i) {
      SlotType& from = old[i];
      if (!from.is_used()) continue;
      SlotType& to = free_slot_for(from.hash);
      relocate_slot(from, to);
      ++count_;
      moved(i, index(to));
    }
  }

  /// Removes all entries. Keeps memory of up to `keep_bytes`.
  void clear(std::size_t keep_bytes) {
    destroy_all();
    if (bytes() <= keep_bytes) {
      std::memset(static_cast<void*>(slots_.get()), 0, bytes());
      count_ = 0;
    } else {
      slots_.reset();
      allocate(kMinCapacity);
    }
  }

  /// Entries, those without a value included.
  std::size_t count() const noexcept { return count_; }
  std::size_t capacity() const noexcept { return capacity_; }
  std::size_t bytes() const noexcept { return capacity_ * sizeof(SlotType); }
  SlotType& at(std::size_t index) noexcept { return slots_[index]; }
  std::size_t index(const SlotType& slot) const noexcept {
    return static_cast<std::size_t>(&slot - slots_.get());
  }

 private:
  static constexpr std::size_t kMinCapacity = 8;
  using Array = std::unique_ptr<SlotType[], FreeMemory>;

  static std::uint64_t usable(std::uint64_t hash) noexcept { return hash < 2 ? hash + 2 : hash; }
  std::size_t index_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(hash << 16) * capacity_) >> 64);
  }
  std::size_t next(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  void allocate(std::size_t capacity) {
    slots_ = Array{static_cast<SlotType*>(zeroed_memory(capacity, sizeof(SlotType)))};
    capacity_ = capacity;
    limit_ = capacity - capacity / 4;
    count_ = 0;
  }
  SlotType& free_slot_for(std::uint64_t hash) noexcept {
    std::size_t i = index_of(hash);
    while (slots_[i].is_used()) i = next(i);
    return slots_[i];
  }
  static void relocate_slot(SlotType& from, SlotType& to) {
    to.hash = from.hash;
    to.flags = from.flags;
    to.delta = from.delta;
    relocate<Stored>(from.key_bytes, to.key_bytes);
    if ((from.flags & kHasValue) != 0) relocate<Value>(from.value_bytes, to.value_bytes);
    from.hash = 0;
  }
  template <class T>
  static void relocate(std::byte* from, std::byte* to) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      std::memcpy(to, from, sizeof(T));
    } else {
      T& source = *std::launder(reinterpret_cast<T*>(from));
      std::construct_at(reinterpret_cast<T*>(to), std::move(source));
      std::destroy_at(&source);
    }
  }
  void destroy_all() noexcept {
    constexpr bool kIsPlain =
        std::is_trivially_destructible_v<Stored> && std::is_trivially_destructible_v<Value>;
    if constexpr (!kIsPlain) {
      for (std::size_t i = 0; i < capacity_ && count_ > 0; ++i) {
        SlotType& slot = slots_[i];
        if (!slot.is_used()) continue;
        if ((slot.flags & kHasValue) != 0) std::destroy_at(&slot.value());
        std::destroy_at(&slot.key());
        --count_;
      }
    }
  }

  Array slots_;
  std::size_t capacity_ = 0;
  std::size_t limit_ = 0;
  std::size_t count_ = 0;
};

}  // namespace weir::inline v0::detail
