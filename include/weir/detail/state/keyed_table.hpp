// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/codec.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/aging.hpp"
#include "weir/detail/state/cold_fetch.hpp"
#include "weir/detail/state/entry_table.hpp"
#include "weir/detail/state/table_spec.hpp"
#include "weir/error.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// Values by key, of one node and shard; part of the checkpoints. `hash` is always hash_key(key).
///
/// References and pointers to values hold until the next call of get_or_create(), prefetch() or
/// erase() on the same table, or the end of the step.
template <class K, class V>
class KeyedTable final : public Table {
  using Entries = EntryTable<K, V>;
  using Slot = typename Entries::Slot;

 public:
  KeyedTable(TableHost& host, const TablePlace& place, const std::optional<Ttl>& ttl)
      : entries_{host, place}, aging_{host, ttl} {
    if (aging_.is_on()) entries_.keep_stamps();
  }

  /// The value for reading only; null: there is none. Counts as a read for the TTL.
  V* find(std::uint64_t hash, const K& key) {
    Slot* slot = entries_.lookup(hash, key);
    if (slot != nullptr && Entries::is_ready_to_read(*slot)) [[likely]]
      return &slot->value();
    return find_slowly(slot, hash, key);
  }
  /// The value for changing it; it is part of the next delta. Null: there is none. A write.
  V* find_mutable(std::uint64_t hash, const K& key) {
    Slot* slot = entries_.lookup(hash, key);
    if (slot != nullptr && Entries::is_ready_to_write(*slot)) [[likely]]
      return &slot->value();
    return find_mutable_slowly(slot, hash, key);
  }
  /// The value for changing it, V{} if there was none or an expired one. A write.
  V& get_or_create(std::uint64_t hash, const K& key) {
    return get_or_create(hash, key, [] { return V{}; });
  }
  /// The same with `make()` in place of V{}.
  template <class Make>
  V& get_or_create(std::uint64_t hash, const K& key, Make&& make) {
    Slot* slot = entries_.lookup(hash, key);
    if (slot != nullptr && Entries::is_ready_to_write(*slot)) [[likely]]
      return slot->value();
    return create_slowly(slot, hash, key, make);
  }
  /// Returns whether there was a value.
  bool erase(std::uint64_t hash, const K& key) {
    Slot* slot = live(entries_.lookup(hash, key), hash, key);
    if (slot == nullptr) return false;
    const bool had_value = !has_expired(*slot);
    entries_.erase(*slot);
    return had_value;
  }

  /// Prepares look-ups of a batch: cold values are read at once, memory is fetched ahead where the
  /// table is larger than the cache. `hash_at(i)` and `key_at(i)` for i in [0, count). Cheap if
  /// there is nothing to do.
  template <class HashAt, class KeyAt>
  void prefetch(std::size_t count, HashAt&& hash_at, KeyAt&& key_at) {
    if (entries_.exceeds_cache()) {
      for (std::size_t i = 0; i < count; ++i) entries_.prefetch(hash_at(i));
    }
    if (!entries_.is_complete()) fetch_cold(count, hash_at, key_at);
  }
  void prefetch(const std::uint64_t* hashes, const K* keys, std::size_t count) {
    prefetch(
        count, [&](std::size_t i) { return hashes[i]; },
        [&](std::size_t i) -> const K& { return keys[i]; });
  }

  /// visit(const K&, V&) for each entry; by key bytes if the shard is ordered. Values must not be
  /// changed, nor the table.
  template <class Visit>
  void for_each(Visit&& visit) {
    Walk all = walk();
    all.advance([&](std::uint64_t, const K& key, V& value) {
      visit(key, value);
      return true;
    });
  }

  /// visit(const K&) for each entry in memory, in any order.
  template <class Visit>
  void for_each_key(Visit&& visit) {
    typename StoredKey<K>::Scratch scratch;
    entries_.for_each_slot([&](Slot& slot) {
      if (Entries::is_live(slot)) visit(StoredKey<K>::get(slot.key(), scratch));
    });
  }

  /// Entries in memory: all there are, if is_complete().
  std::size_t size() const noexcept { return entries_.live_count(); }
  /// True when nothing of the table is cold.
  bool is_complete() const noexcept { return entries_.is_complete(); }

  /// A visit of all entries in several steps; by key bytes if the shard is ordered. In between, the
  /// table may only lose entries that were visited. Nothing is evicted while it lives. What has
  /// expired is left out; it is not a read for the TTL.
  class Walk {
   public:
    explicit Walk(KeyedTable& table) : table_{&table} { table.entries_.pin(); }
    Walk(Walk&& other) noexcept
        : table_{std::exchange(other.table_, nullptr)},
          phase_{other.phase_},
          at_{other.at_},
          cold_{std::move(other.cold_)},
          ordered_{std::move(other.ordered_)} {}
    Walk& operator=(Walk&& other) noexcept {
      std::swap(table_, other.table_);
      phase_ = other.phase_;
      at_ = other.at_;
      cold_ = std::move(other.cold_);
      ordered_ = std::move(other.ordered_);
      return *this;
    }
    ~Walk() {
      if (table_ != nullptr) table_->entries_.unpin();
    }

    /// Calls visit(hash, const K&, V&) for entry after entry, until one returns false. True when
    /// all were visited.
    template <class Visit>
    bool advance(Visit&& visit) {
      if (phase_ == Phase::start) begin();
      if (phase_ == Phase::ordered) return advance_ordered(visit);
      if (phase_ == Phase::cold && !advance_cold(visit)) return false;
      return advance_memory(visit);
    }

   private:
    enum class Phase : std::uint8_t { start, cold, memory, ordered };
    struct Place {
      std::string key;
      std::string subkey;
      std::uint64_t hash;
      auto operator<=>(const Place&) const = default;
    };

    void begin() {
      Entries& entries = table_->entries_;
      phase_ = Phase::memory;
      if (!entries.is_complete()) {
        cold_ = entries.scan_store();
        phase_ = Phase::cold;
      }
      if (entries.host().is_ordered) order();
    }
    /// Loads all that is cold, then sorts: for tests.
    void order() {
      if (phase_ == Phase::cold) table_->load_all(*cold_);
      std::string key;
      std::string subkey;
      table_->entries_.for_each_slot([&](Slot& slot) {
        if (!table_->is_visible(slot)) return;
        ordered_.push_back({std::string{StoredKey<K>::key_bytes(slot.key(), key)},
                            std::string{StoredKey<K>::subkey_bytes(slot.key(), subkey)},
                            slot.hash});
      });
      std::sort(ordered_.begin(), ordered_.end());
      phase_ = Phase::ordered;
    }
    template <class Visit>
    bool advance_ordered(Visit& visit) {
      while (at_ < ordered_.size()) {
        const Place& place = ordered_[at_++];
        const K key = StoredKey<K>::decode(place.key, place.subkey);
        Slot* slot = table_->entries_.lookup(place.hash, key);
        if (slot == nullptr || !table_->is_visible(*slot)) continue;
        if (!visit(place.hash, key, slot->value())) return at_ == ordered_.size();
      }
      return true;
    }
    /// Entries of the store that memory knows nothing of; the others come later.
    template <class Visit>
    bool advance_cold(Visit& visit) {
      std::string_view entry_key;
      std::string_view bytes;
      while (cold_->next(entry_key, bytes)) {
        const EntryKey entry = parse_entry_key(entry_key);
        const K key = StoredKey<K>::decode(entry.key, entry.subkey);
        std::string scratch;
        const std::uint64_t hash = StoredKey<K>::hash(key, scratch);
        if (table_->entries_.lookup(hash, key) != nullptr) continue;
        ByteReader in{bytes};
        if (table_->aging_.is_on() &&
            table_->aging_.has_expired(static_cast<std::int64_t>(in.u64()))) {
          continue;
        }
        V value = decode_from_string<V>(in.rest());
        if (!visit(hash, key, value)) return false;
      }
      cold_.reset();
      phase_ = Phase::memory;
      return true;
    }
    template <class Visit>
    bool advance_memory(Visit& visit) {
      Entries& entries = table_->entries_;
      typename StoredKey<K>::Scratch scratch;
      while (at_ < entries.capacity()) {
        Slot& slot = entries.slot_at(at_++);
        if (!slot.is_used() || !table_->is_visible(slot)) continue;
        if (!visit(slot.hash, StoredKey<K>::get(slot.key(), scratch), slot.value())) {
          return at_ == entries.capacity();
        }
      }
      return true;
    }

    KeyedTable* table_;
    Phase phase_ = Phase::start;
    std::size_t at_ = 0;
    std::unique_ptr<EntryCursor> cold_;
    std::vector<Place> ordered_;
  };
  Walk walk() { return Walk{*this}; }

  // --- as a Table

  void collect(DeltaWriter& out) override {
    TableHost& host = entries_.host();
    entries_.collect([&](Slot& slot) {
      const std::string_view key = StoredKey<K>::key_bytes(slot.key(), host.key_scratch);
      const EntryKey entry{{},
                           key_group_of(slot.hash),
                           key,
                           StoredKey<K>::subkey_bytes(slot.key(), host.subkey_scratch)};
      if (Entries::is_live(slot)) {
        out.put_element(entry, entries_.place(), encoded(slot), false);
      } else {
        out.erase_element(entry, entries_.place());
      }
    });
  }
  void load_put(const EntryKey& entry, std::string_view value) override {
    const K key = StoredKey<K>::decode(entry.key, entry.subkey);
    const std::uint64_t hash = StoredKey<K>::hash(key, entries_.host().key_scratch);
    Slot* slot = entries_.lookup(hash, key);
    if (slot == nullptr) slot = &entries_.insert(hash, key);
    if (Entries::is_live(*slot)) {
      slot->value() = decode_value(*slot, value);
    } else {
      entries_.construct(*slot, [&] { return decode_value(*slot, value); });
    }
  }
  void load_erase(const EntryKey& entry) override {
    const K key = StoredKey<K>::decode(entry.key, entry.subkey);
    const std::uint64_t hash = StoredKey<K>::hash(key, entries_.host().key_scratch);
    Slot* slot = entries_.lookup(hash, key);
    if (slot != nullptr) entries_.discard(*slot);
  }
  void load_truncate(const EntryKey&, std::string_view) override {
    throw CorruptState{"a truncation of a table that has no lists"};
  }
  void load_drop(std::int64_t) override { clear(); }
  void attach_store() override { entries_.attach_store(); }
  /// Loads everything from the store, for tables that are never cold.
  void load_all() { load_all(*entries_.scan_store()); }
  void maintain(Maintenance& work) override {
    entries_.maintain(work, [this](Slot& slot) {
      return aging_.is_on() && aging_.may_be_swept(entries_.stamp(slot));
    });
  }
  void mark_all_dirty() override { entries_.mark_all_dirty(); }
  StateMemory memory() const override { return entries_.memory(); }
  void clear() override { entries_.clear(); }
  /// Forgets everything, but keeps memory of up to `keep_bytes`.
  void clear_for_reuse(std::size_t keep_bytes) { entries_.clear(keep_bytes); }
  /// Serves another place. Requires: it is empty.
  void move_to(const TablePlace& place) noexcept { entries_.move_to(place); }

 private:
  V* find_slowly(Slot* slot, std::uint64_t hash, const K& key) {
    slot = live(slot, hash, key);
    if (slot == nullptr) return nullptr;
    if (!aging_.is_on()) return &slot->value();
    std::int64_t& stamp = entries_.stamp(*slot);
    if (aging_.has_expired(stamp)) return take_expired(*slot);
    if (aging_.wants_refresh(stamp)) {
      stamp = std::max(stamp, aging_.stamp());
      entries_.mark_dirty(*slot);
    }
    return &slot->value();
  }
  /// What the read of an expired value gives; the value itself goes.
  V* take_expired(Slot& slot) {
    if (aging_.returns_expired()) {
      last_expired_ = std::make_unique<V>(std::move(slot.value()));
    } else {
      last_expired_.reset();
    }
    entries_.erase(slot);
    return last_expired_.get();
  }
  V* find_mutable_slowly(Slot* slot, std::uint64_t hash, const K& key) {
    slot = live(slot, hash, key);
    if (slot == nullptr) return nullptr;
    if (has_expired(*slot)) {
      entries_.erase(*slot);
      return nullptr;
    }
    return &written(*slot);
  }
  template <class Make>
  V& create_slowly(Slot* slot, std::uint64_t hash, const K& key, Make& make) {
    slot = settled(slot, hash, key);
    if (slot == nullptr) {
      slot = &entries_.insert(hash, key);
      Entries::mark_fresh(*slot);
    }
    if (!Entries::is_live(*slot)) {
      entries_.construct(*slot, make);
    } else if (has_expired(*slot)) {
      slot->value() = make();
    }
    return written(*slot);
  }
  V& written(Slot& slot) {
    if (aging_.is_on()) entries_.stamp(slot) = aging_.stamp();
    entries_.mark_dirty(slot);
    return slot.value();
  }

  /// The entry, counted as used, if it is in memory or the store knows something of it.
  Slot* settled(Slot* slot, std::uint64_t hash, const K& key) {
    if (slot != nullptr) {
      Entries::touch(*slot);
      return slot;
    }
    return entries_.is_complete() ? nullptr : &load_cold(hash, key);
  }
  Slot* live(Slot* slot, std::uint64_t hash, const K& key) {
    slot = settled(slot, hash, key);
    return slot != nullptr && Entries::is_live(*slot) ? slot : nullptr;
  }
  bool has_expired(const Slot& slot) {
    return aging_.is_on() && aging_.has_expired(entries_.stamp(slot));
  }
  bool is_visible(const Slot& slot) { return Entries::is_live(slot) && !has_expired(slot); }

  /// Brings an entry in from the store; one without a value if it is not there.
  Slot& load_cold(std::uint64_t hash, const K& key) {
    TableHost& host = entries_.host();
    const std::string_view bytes = KeyBytes<K>::of(key, host.key_scratch);
    std::string value;
    const bool is_there = get_from_store(*host.store, entries_.entry_key(hash, bytes), value);
    return take_cold(hash, key, is_there ? &value : nullptr);
  }
  template <class Bytes>
  Slot& take_cold(std::uint64_t hash, const K& key, const Bytes* value) {
    Slot& slot = entries_.insert(hash, key);
    if (value == nullptr) {
      Entries::mark_fresh(slot);
    } else {
      entries_.construct(slot, [&] { return decode_value(slot, *value); });
    }
    return slot;
  }
  template <class HashAt, class KeyAt>
  void fetch_cold(std::size_t count, HashAt& hash_at, KeyAt& key_at) {
    ColdFetch fetch;
    std::string scratch;
    for (std::size_t i = 0; i < count; ++i) {
      if (entries_.lookup(hash_at(i), key_at(i)) != nullptr) continue;
      fetch.add(i, entries_.entry_key(hash_at(i), KeyBytes<K>::of(key_at(i), scratch)));
    }
    fetch.run(*entries_.host().store, [&](std::size_t i, const std::string_view* value) {
      Entries::await(take_cold(hash_at(i), key_at(i), value));
    });
  }
  void load_all(EntryCursor& cold) {
    std::string_view entry_key;
    std::string_view value;
    while (cold.next(entry_key, value)) {
      const EntryKey entry = parse_entry_key(entry_key);
      const K key = StoredKey<K>::decode(entry.key, entry.subkey);
      const std::uint64_t hash = StoredKey<K>::hash(key, entries_.host().key_scratch);
      if (entries_.lookup(hash, key) == nullptr) take_cold(hash, key, &value);
    }
    entries_.set_complete();
  }

  /// The time of its last use, where there is a TTL, then the value.
  std::string_view encoded(Slot& slot) {
    ByteWriter& out = entries_.host().value_scratch;
    out.clear();
    if (aging_.is_on()) out.u64(static_cast<std::uint64_t>(entries_.stamp(slot)));
    Codec<V>::encode(out, slot.value());
    entries_.note_encoded(out.size());
    return out.view();
  }
  V decode_value(Slot& slot, std::string_view bytes) {
    ByteReader in{bytes};
    if (aging_.is_on()) entries_.stamp(slot) = static_cast<std::int64_t>(in.u64());
    return decode_from_string<V>(in.rest());
  }

  Entries entries_;
  const Aging aging_;
  std::unique_ptr<V> last_expired_;  // What the last read of an expired value has given.
};

}  // namespace weir::inline v0::detail
