// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weir/codec.hpp"
#include "weir/detail/state/aging.hpp"
#include "weir/detail/state/cell_table.hpp"
#include "weir/detail/state/element_number.hpp"
#include "weir/error.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// The elements of one list. Each has a number, which is its subkey; numbers only grow.
template <class V>
struct ListCell {
  struct Element {
    V value;
    std::int64_t stamp;
  };

  std::deque<Element> elements;
  std::uint64_t first = 0;       ///< The number of elements.front().
  std::uint64_t stored_end = 0;  ///< Elements from here on are in no delta and not in the store.
  std::uint64_t dirty_from = 0;  ///< Elements from here on are part of the next delta.
  bool is_cut = false;           ///< Elements below stored_end were removed at the front.

  std::uint64_t end() const noexcept { return first + elements.size(); }
  bool is_empty() const noexcept { return elements.empty(); }
};

/// A list of values per key. Each element is an entry of its own in deltas, and expires alone.
template <StreamKey K, Encodable V>
class ListTable final : public Table {
  using Cell = ListCell<V>;
  using Cells = CellTable<K, Cell>;
  using Slot = typename Cells::Slot;

 public:
  ListTable(TableHost& host, const TablePlace& place, const std::optional<Ttl>& ttl)
      : cells_{host, place}, aging_{host, ttl} {}

  void append(std::uint64_t hash, const K& key, V value) {
    Slot& slot = cells_.get_or_create(hash, key, loader());
    slot.value().elements.push_back({std::move(value), aging_.stamp()});
    cells_.mark_dirty(slot);
  }
  /// visit(const V&) for each element, first to last, until one returns false. A read.
  template <class Visit>
  void for_each(std::uint64_t hash, const K& key, Visit&& visit) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr) return;
    if (!aging_.is_on()) {
      for (const auto& each : slot->value().elements) {
        if (!visit(each.value)) return;
      }
      return;
    }
    refresh(*slot);
    for (const auto& each : slot->value().elements) {
      const bool is_seen = !aging_.has_expired(each.stamp) || aging_.returns_expired();
      if (is_seen && !visit(each.value)) break;
    }
    drop_expired(*slot);
  }
  std::size_t size(std::uint64_t hash, const K& key) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr) return 0;
    std::size_t count = 0;
    for (const auto& each : slot->value().elements) {
      count += !aging_.is_on() || !aging_.has_expired(each.stamp) ? 1 : 0;
    }
    return count;
  }
  /// Removes the first `count` elements, or all there are.
  void truncate_front(std::uint64_t hash, const K& key, std::size_t count) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr || count == 0) return;
    cut(*slot, std::min(count, slot->value().elements.size()));
  }
  /// Returns whether there were elements.
  bool erase(std::uint64_t hash, const K& key) {
    Slot* slot = cells_.find(hash, key, loader());
    if (slot == nullptr) return false;
    const bool had_any = size(hash, key) > 0;
    cut(*slot, slot->value().elements.size());
    return had_any;
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
    Slot& slot = cells_.load(entry);
    load_element(slot.value(), entry.subkey, value);
  }
  void load_erase(const EntryKey&) override {
    throw CorruptState{"a list has lost an element in its middle"};
  }
  void load_truncate(const EntryKey& entry, std::string_view limit) override {
    Slot* slot = cells_.find_loaded(entry);
    if (slot == nullptr) return;
    Cell& cell = slot->value();
    const std::uint64_t end =
        limit.empty() ? cell.end() : std::min(element_number(limit), cell.end());
    while (cell.first < end) {
      cell.elements.pop_front();
      ++cell.first;
    }
    if (cell.is_empty()) cells_.discard(*slot);
  }
  void load_drop(std::int64_t) override { clear(); }
  void attach_store() override { cells_.attach_store(); }
  void maintain(Maintenance& work) override {
    cells_.maintain(work, [this](Slot& slot) {
      if (aging_.is_on()) drop_expired(slot, &Aging::may_be_swept);
    });
  }
  void mark_all_dirty() override {
    cells_.mark_all_dirty([](Cell& cell) { cell.dirty_from = cell.first; });
  }
  StateMemory memory() const override { return cells_.memory(); }
  void clear() override { cells_.clear(); }

 private:
  auto loader() {
    return [this](Cell& cell, std::string_view subkey, std::string_view value) {
      load_element(cell, subkey, value);
    };
  }
  void load_element(Cell& cell, std::string_view subkey, std::string_view value) {
    const std::uint64_t number = element_number(subkey);
    ByteReader in{value};
    const std::int64_t stamp = aging_.is_on() ? static_cast<std::int64_t>(in.u64()) : 0;
    typename Cell::Element element{decode_from_string<V>(in.rest()), stamp};
    if (cell.is_empty()) cell.first = number;
    if (number >= cell.first && number < cell.end()) {
      cell.elements[number - cell.first] = std::move(element);
    } else if (number == cell.end()) {
      cell.elements.push_back(std::move(element));
    } else {
      throw CorruptState{"a list has a gap before element " + std::to_string(number)};
    }
    cell.stored_end = cell.dirty_from = cell.end();
  }
  void collect_cell(DeltaWriter& out, Slot& slot, const EntryKey& entry) {
    Cell& cell = slot.value();
    if (cell.is_cut) out.truncate_front(cells_.place(), entry.group, entry.key, cut_limit(cell));
    for (std::uint64_t i = std::max(cell.first, cell.dirty_from); i < cell.end(); ++i) {
      collect_element(out, entry, i, cell.elements[i - cell.first]);
    }
    cell.is_cut = false;
    cell.stored_end = cell.dirty_from = cell.end();
  }
  void collect_element(DeltaWriter& out, EntryKey entry, std::uint64_t number,
                       const typename Cell::Element& element) {
    char subkey[8];
    entry.subkey = write_element_number(subkey, number);
    ByteWriter& value = cells_.host().value_scratch;
    value.clear();
    if (aging_.is_on()) value.u64(static_cast<std::uint64_t>(element.stamp));
    Codec<V>::encode(value, element.value);
    cells_.note_encoded(value.size());
    out.put_element(entry, cells_.place(), value.view(), true);
  }
  std::string cut_limit(const Cell& cell) const {
    if (cell.is_empty()) return {};
    char subkey[8];
    return std::string{write_element_number(subkey, cell.first)};
  }
  void cut(Slot& slot, std::size_t count) {
    if (count == 0) return;
    Cell& cell = slot.value();
    if (cell.first < cell.stored_end) cell.is_cut = true;
    cell.elements.erase(cell.elements.begin(),
                        cell.elements.begin() + static_cast<std::ptrdiff_t>(count));
    cell.first += count;
    cells_.mark_dirty(slot);
  }
  /// Elements that grew old in the middle stay until those before them go; nobody sees them.
  void drop_expired(Slot& slot, Aging::Judgement is_gone = &Aging::has_expired) {
    const Cell& cell = slot.value();
    std::size_t count = 0;
    while (count < cell.elements.size() && (aging_.*is_gone)(cell.elements[count].stamp)) ++count;
    cut(slot, count);
  }
  void refresh(Slot& slot) {
    Cell& cell = slot.value();
    for (std::size_t i = 0; i < cell.elements.size(); ++i) {
      std::int64_t& stamp = cell.elements[i].stamp;
      if (aging_.has_expired(stamp) || !aging_.wants_refresh(stamp)) continue;
      stamp = std::max(stamp, aging_.stamp());
      cell.dirty_from = std::min(cell.dirty_from, cell.first + i);  // Written again.
      cells_.mark_dirty(slot);
    }
  }

  Cells cells_;
  const Aging aging_;
};

}  // namespace weir::inline v0::detail
