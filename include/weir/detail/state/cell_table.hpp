// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/detail/state/entry_table.hpp"
#include "weir/detail/state/table.hpp"

namespace weir::inline v0::detail {

/// Lists and maps by key. A cell, the elements of one key, is in memory whole or not at all.
///
/// `Cell` has is_empty(); an empty cell is the same as none. `load` is called as
/// load(Cell&, subkey, value) for each element that comes from the store.
template <class K, class Cell>
class CellTable final {
  using Entries = EntryTable<K, Cell>;

 public:
  using Slot = typename Entries::Slot;

  CellTable(TableHost& host, const TablePlace& place) : entries_{host, place} {}

  TableHost& host() const noexcept { return entries_.host(); }
  const PlaceBytes& place() const noexcept { return entries_.place(); }

  /// Null: there is no cell.
  template <class Load>
  Slot* find(std::uint64_t hash, const K& key, Load&& load) {
    Slot* slot = settled(hash, key, load);
    return slot != nullptr && Entries::is_live(*slot) ? slot : nullptr;
  }
  template <class Load>
  Slot& get_or_create(std::uint64_t hash, const K& key, Load&& load) {
    Slot* slot = settled(hash, key, load);
    if (slot == nullptr) slot = &entries_.insert(hash, key);
    if (!Entries::is_live(*slot)) entries_.construct(*slot, [] { return Cell{}; });
    return *slot;
  }
  void mark_dirty(Slot& slot) { entries_.mark_dirty(slot); }
  template <class HashAt, class KeyAt, class Load>
  void prefetch(std::size_t count, HashAt& hash_at, KeyAt& key_at, Load&& load) {
    if (entries_.exceeds_cache()) {
      for (std::size_t i = 0; i < count; ++i) entries_.prefetch(hash_at(i));
    }
    if (entries_.is_complete()) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (entries_.lookup(hash_at(i), key_at(i)) == nullptr) {
        Entries::await(load_cold(hash_at(i), key_at(i), load));
      }
    }
  }

  /// write(slot, entry) for each cell that changed; the entry has no subkey.
  template <class Write>
  void collect(Write&& write) {
    entries_.collect([&](Slot& slot) {
      if (!Entries::is_live(slot)) return;
      const EntryKey entry{
          {}, key_group_of(slot.hash), StoredKey<K>::key_bytes(slot.key(), host().key_scratch), {}};
      write(slot, entry);
      if (slot.value().is_empty()) entries_.end_value(slot);
    });
  }
  void note_encoded(std::size_t bytes) noexcept { entries_.note_encoded(bytes); }

  /// The cell of an entry while restoring.
  Slot& load(const EntryKey& entry) {
    const K key = StoredKey<K>::decode(entry.key, {});
    return get_or_create(StoredKey<K>::hash(key, host().key_scratch), key, NeverCold{});
  }
  Slot* find_loaded(const EntryKey& entry) {
    const K key = StoredKey<K>::decode(entry.key, {});
    return find(StoredKey<K>::hash(key, host().key_scratch), key, NeverCold{});
  }
  void discard(Slot& slot) { entries_.discard(slot); }
  void attach_store() { entries_.attach_store(); }

  /// tidy(slot) for cells, in turn.
  template <class Tidy>
  void maintain(Maintenance& work, Tidy&& tidy) {
    entries_.maintain(work, [&](Slot& slot) {
      tidy(slot);
      return false;
    });
  }
  /// mark(Cell&) marks the elements.
  template <class Mark>
  void mark_all_dirty(Mark&& mark) {
    entries_.for_each_slot([&](Slot& slot) {
      if (Entries::is_live(slot)) mark(slot.value());
    });
    entries_.mark_all_dirty();
  }
  StateMemory memory() const noexcept { return entries_.memory(); }
  void clear() { entries_.clear(); }

 private:
  struct NeverCold {
    void operator()(Cell&, std::string_view, std::string_view) const noexcept {}
  };

  template <class Load>
  Slot* settled(std::uint64_t hash, const K& key, Load& load) {
    Slot* slot = entries_.lookup(hash, key);
    if (slot != nullptr) {
      Entries::touch(*slot);
      return slot;
    }
    return entries_.is_complete() ? nullptr : &load_cold(hash, key, load);
  }
  template <class Load>
  Slot& load_cold(std::uint64_t hash, const K& key, Load& load) {
    std::string scratch;
    const std::string prefix{entries_.entry_key(hash, KeyBytes<K>::of(key, scratch))};
    Slot& slot = entries_.insert(hash, key);
    const auto cursor = host().store->scan(prefix, {});
    std::string_view entry_key;
    std::string_view value;
    while (cursor->next(entry_key, value)) {
      if (!Entries::is_live(slot)) entries_.construct(slot, [] { return Cell{}; });
      load(slot.value(), entry_key.substr(prefix.size()), value);
    }
    return slot;
  }

  Entries entries_;
};

}  // namespace weir::inline v0::detail
