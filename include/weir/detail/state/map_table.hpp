// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/codec.hpp"
#include "weir/detail/state/aging.hpp"
#include "weir/detail/state/cell_table.hpp"
#include "weir/detail/state/map_cell.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// A map from S to V per key. Each element is an entry of its own in deltas, and expires alone.
/// Pointers and references hold until the next call on the same table.
template <StreamKey K, StreamKey S, Encodable V>
class MapTable final : public Table {
  using Cell = MapCell<S, V>;
  using Element = typename Cell::Element;
  using Cells = CellTable<K, Cell>;
  using Slot = typename Cells::Slot;

 public:
  MapTable(TableHost& host, const TablePlace& place, const std::optional<Ttl>& ttl)
      : cells_{host, place}, aging_{host, ttl} {}

  V* find(std::uint64_t hash, const K& key, const S& subkey) {
    Slot* slot = cells_.find(hash, key, loader());
    Element* element = slot != nullptr ? slot->value().find(subkey) : nullptr;
    if (element == nullptr) return nullptr;
    if (!aging_.is_on()) return &element->value;
    if (aging_.has_expired(element->stamp)) return take_expired(*slot, *element);
    if (aging_.wants_refresh(element->stamp)) write(*slot, *element);
    return &element->value;
  }
  V* find_mutable(std::uint64_t hash, const K& key, const S& subkey) {
    Slot* slot = cells_.find(hash, key, loader());
    Element* element = slot != nullptr ? slot->value().find(subkey) : nullptr;
    if (element == nullptr) return nullptr;
    if (has_expired(*element)) {
      remove(*slot, *element);
      return nullptr;
    }
    return &write(*slot, *element);
  }
  V& get_or_create(std::uint64_t hash, const K& key, const S& subkey) {
    Slot& slot = cells_.get_or_create(hash, key, loader());
    Element* element = slot.value().find(subkey);
    if (element == nullptr) {
      element = &slot.value().insert(subkey, V{});
      element->is_fresh = true;
    } else if (has_expired(*element)) {
      element->value = V{};
    }
    return write(slot, *element);
  }
  bool erase(std::uint64_t hash, const K& key, const S& subkey) {
    Slot* slot = cells_.find(hash, key, loader());
    Element* element = slot != nullptr ? slot->value().find(subkey) : nullptr;
    if (element == nullptr) return false;
    const bool had_value = !has_expired(*element);
    remove(*slot, *element);
    return had_value;
  }
  /// Removes all elements of a key. Returns whether there were any.
  bool erase_all(std::uint64_t hash, const K& key) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr || slot->value().is_empty()) return false;
    const bool had_any = count(slot->value()) > 0;
    slot->value().clear();
    cells_.mark_dirty(*slot);
    return had_any;
  }
  /// visit(const S&, V&) for each element until one returns false; in the order of the subkeys'
  /// bytes if the shard is ordered. A read; values must not be changed, nor the map.
  template <class Visit>
  void for_each(std::uint64_t hash, const K& key, Visit&& visit) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr) return;
    for (Element* element : in_order(slot->value())) {
      if (has_expired(*element) && !aging_.returns_expired()) continue;
      if (aging_.is_on() && !has_expired(*element) && aging_.wants_refresh(element->stamp)) {
        write(*slot, *element);
      }
      if (!visit(std::as_const(element->key), element->value)) break;
    }
    drop_expired(*slot);
  }
  std::size_t size(std::uint64_t hash, const K& key) {
    Slot* slot = cells_.find(hash, key, loader());
    return slot != nullptr ? count(slot->value()) : 0;
  }
  /// As in KeyedTable: reads what is cold for a batch.
  template <class HashAt, class KeyAt>
  void prefetch(std::size_t count, HashAt&& hash_at, KeyAt&& key_at) {
    cells_.prefetch(count, hash_at, key_at, loader());
  }

  // --- as a Table

  void collect(DeltaWriter& out) override {
    cells_.collect([&](Slot& slot, const EntryKey& entry) { collect_cell(out, slot, entry); });
  }
  void load_put(const EntryKey& entry, std::string_view value) override {
    load_element(cells_.load(entry).value(), entry.subkey, value);
  }
  void load_erase(const EntryKey& entry) override {
    Slot* slot = cells_.find_loaded(entry);
    if (slot == nullptr) return;
    Element* element = slot->value().find(KeyCodec<S>::decode(entry.subkey));
    if (element != nullptr) slot->value().discard(*element);
    if (slot->value().is_empty()) cells_.discard(*slot);
  }
  /// Maps are only ever truncated whole.
  void load_truncate(const EntryKey& entry, std::string_view) override {
    Slot* slot = cells_.find_loaded(entry);
    if (slot != nullptr) cells_.discard(*slot);
  }
  void load_drop(std::int64_t) override { clear(); }
  void attach_store() override { cells_.attach_store(); }
  void maintain(Maintenance& work) override {
    cells_.maintain(work, [this](Slot& slot) { drop_expired(slot, &Aging::may_be_swept); });
  }
  void mark_all_dirty() override {
    cells_.mark_all_dirty([](Cell& cell) {
      for (Element& each : cell.elements) each.is_dirty = true;
    });
  }
  StateMemory memory() const override { return cells_.memory(); }
  void clear() override { cells_.clear(); }

 private:
  auto loader() {
    return [this](Cell& cell, std::string_view subkey, std::string_view value) {
      load_element(cell, subkey, value);
    };
  }
  void load_element(Cell& cell, std::string_view subkey_bytes, std::string_view bytes) {
    ByteReader in{bytes};
    const std::int64_t stamp = aging_.is_on() ? static_cast<std::int64_t>(in.u64()) : 0;
    const S subkey = KeyCodec<S>::decode(subkey_bytes);
    V value = decode_from_string<V>(in.rest());
    Element* element = cell.find(subkey);
    if (element == nullptr) {
      element = &cell.insert(subkey, std::move(value));
    } else {
      element->value = std::move(value);
    }
    element->stamp = stamp;
  }
  void collect_cell(DeltaWriter& out, Slot& slot, EntryKey entry) {
    Cell& cell = slot.value();
    if (cell.is_cleared) out.truncate_front(cells_.place(), entry.group, entry.key, {});
    for (const S& subkey : cell.erased) {
      if (cell.find(subkey) != nullptr) continue;  // It is back.
      entry.subkey = KeyCodec<S>::bytes(subkey, cells_.host().subkey_scratch);
      out.erase_element(entry, cells_.place());
    }
    for (Element& element : cell.elements) {
      if (!element.is_dirty) continue;
      entry.subkey = KeyCodec<S>::bytes(element.key, cells_.host().subkey_scratch);
      out.put_element(entry, cells_.place(), encoded(element), false);
      element.is_dirty = element.is_fresh = false;
    }
    cell.erased.clear();
    cell.is_cleared = false;
  }
  std::string_view encoded(const Element& element) {
    ByteWriter& out = cells_.host().value_scratch;
    out.clear();
    if (aging_.is_on()) out.u64(static_cast<std::uint64_t>(element.stamp));
    Codec<V>::encode(out, element.value);
    cells_.note_encoded(out.size());
    return out.view();
  }

  V& write(Slot& slot, Element& element) {
    element.stamp = aging_.is_on() ? aging_.stamp() : 0;
    element.is_dirty = true;
    cells_.mark_dirty(slot);
    return element.value;
  }
  void remove(Slot& slot, Element& element) {
    slot.value().erase(element);
    cells_.mark_dirty(slot);
  }
  V* take_expired(Slot& slot, Element& element) {
    last_expired_.reset();
    if (aging_.returns_expired()) last_expired_ = std::make_unique<V>(std::move(element.value));
    remove(slot, element);
    return last_expired_.get();
  }
  bool has_expired(const Element& element) const {
    return aging_.is_on() && aging_.has_expired(element.stamp);
  }
  void drop_expired(Slot& slot, Aging::Judgement is_gone = &Aging::has_expired) {
    if (!aging_.is_on()) return;
    std::vector<Element>& elements = slot.value().elements;
    for (std::size_t i = elements.size(); i-- > 0;) {
      if ((aging_.*is_gone)(elements[i].stamp)) remove(slot, elements[i]);
    }
  }
  std::size_t count(const Cell& cell) const {
    return static_cast<std::size_t>(
        std::count_if(cell.elements.begin(), cell.elements.end(),
                      [this](const Element& each) { return !has_expired(each); }));
  }
  std::vector<Element*> in_order(Cell& cell) {
    std::vector<Element*> order;
    for (Element& each : cell.elements) order.push_back(&each);
    if (!cells_.host().is_ordered) return order;
    std::string a_bytes;
    std::string b_bytes;
    std::sort(order.begin(), order.end(), [&](const Element* a, const Element* b) {
      return KeyCodec<S>::bytes(a->key, a_bytes) < KeyCodec<S>::bytes(b->key, b_bytes);
    });
    return order;
  }

  Cells cells_;
  const Aging aging_;
  std::unique_ptr<V> last_expired_;  // What the last read of an expired value has given.
};

}  // namespace weir::inline v0::detail
