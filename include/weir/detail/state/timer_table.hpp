// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/detail/state/pane_tables.hpp"
#include "weir/detail/state/timer_key.hpp"
#include "weir/key.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// Timers of one kind of time, one per (key, time, name). They are always in memory.
///
/// Timers lie in panes of kSpan by their time, unsorted: setting and erasing one is a look-up in a
/// table. A pane is sorted when time reaches it.
template <StreamKey K>
class TimerTable final : public Table {
 public:
  TimerTable(TableHost& host, const TablePlace& place, const std::optional<Ttl>& = {})
      : panes_{host, place, std::nullopt} {}

  /// No effect if it is set already. A time that has passed is due at once.
  void set(std::uint64_t hash, const K& key, EventTime time, std::string_view name = {}) {
    const Timer<K> timer{hash, key, time, std::string{name}};
    auto& pane = panes_.get_or_create(pane_of(time));
    const std::uint64_t place = timer_hash(hash, time, name);
    if (pane.find(place, timer) != nullptr) return;
    pane.get_or_create(place, timer);
    if (sorted_pane_ == pane_of(time)) sort_in(timer);
  }
  /// Returns whether it was set.
  bool erase(std::uint64_t hash, const K& key, EventTime time, std::string_view name = {}) {
    auto* pane = panes_.find(pane_of(time));
    if (pane == nullptr) return false;
    const bool was_set =
        pane->erase(timer_hash(hash, time, name), Timer<K>{hash, key, time, std::string{name}});
    if (!was_set) return false;
    if (pane->size() == 0) panes_.drop(pane_of(time));
    return true;
  }
  /// Takes the next timer with time <= now, in order of (time, key bytes, name). Timers that are
  /// set in between take their place in that order.
  std::optional<Timer<K>> pop_due(EventTime now) {
    while (const std::optional<EventTime> time = next()) {
      if (*time > now) return std::nullopt;
      Timer<K> timer = take_first();
      erase(timer.hash, timer.key, timer.time, timer.name);
      return timer;
    }
    return std::nullopt;
  }
  /// The time of the next timer.
  std::optional<EventTime> next() {
    while (const std::optional<EventTime> first = panes_.first()) {
      if (sorted_pane_ != first) sort(*first);
      while (!sorted_.empty() && !is_set(sorted_.front().timer)) take_first();
      if (!sorted_.empty()) return sorted_.front().timer.time;
      sorted_pane_.reset();  // All it had were erased.
      panes_.drop(*first);
    }
    return std::nullopt;
  }
  /// How many are set.
  std::size_t size() const noexcept {
    std::size_t sum = 0;
    panes_.for_each_pane([&](const auto& pane) { sum += pane.size(); });
    return sum;
  }

  // --- as a Table

  void collect(DeltaWriter& out) override { panes_.collect(out); }
  void load_put(const EntryKey& entry, std::string_view value) override {
    panes_.load_put(entry, value);
  }
  void load_erase(const EntryKey& entry) override {
    panes_.load_erase(entry);
    const EventTime pane{entry.place.instance};
    const auto* table = panes_.find(pane);
    if (table != nullptr && table->size() == 0) panes_.load_drop(pane.ms());
  }
  void load_truncate(const EntryKey& entry, std::string_view limit) override {
    panes_.load_truncate(entry, limit);
  }
  void load_drop(std::int64_t instance) override { panes_.load_drop(instance); }
  void attach_store() override {
    panes_.attach_store();
    panes_.for_each_pane([](auto& pane) { pane.load_all(); });
  }
  void maintain(Maintenance& work) override {
    Maintenance tidying{work.slots, 0, false};
    panes_.maintain(tidying);
    work.slots = tidying.slots;
    work.is_round_done = tidying.is_round_done;
  }
  void mark_all_dirty() override { panes_.mark_all_dirty(); }
  StateMemory memory() const override { return panes_.memory(); }
  void clear() override {
    panes_.clear();
    sorted_.clear();
    sorted_pane_.reset();
  }

 private:
  struct Due {
    std::string key_bytes;
    Timer<K> timer;
  };

  static constexpr std::int64_t kSpan = 1024;

  static EventTime pane_of(EventTime time) noexcept {
    return EventTime{time.ms() & ~(kSpan - 1)};  // Rounds down, below zero too.
  }
  /// For a heap whose first is the next one to fire.
  static bool is_after(const Due& a, const Due& b) {
    if (a.timer.time != b.timer.time) return a.timer.time > b.timer.time;
    if (a.key_bytes != b.key_bytes) return a.key_bytes > b.key_bytes;
    return a.timer.name > b.timer.name;
  }
  static Due due(const Timer<K>& timer) {
    std::string scratch;
    return {std::string{KeyCodec<K>::bytes(timer.key, scratch)}, timer};
  }
  void sort(EventTime pane) {
    sorted_.clear();
    panes_.find(pane)->for_each_key([&](const Timer<K>& timer) { sorted_.push_back(due(timer)); });
    std::make_heap(sorted_.begin(), sorted_.end(), is_after);
    sorted_pane_ = pane;
  }
  void sort_in(const Timer<K>& timer) {
    sorted_.push_back(due(timer));
    std::push_heap(sorted_.begin(), sorted_.end(), is_after);
  }
  /// Timers that were erased are still in the heap; one that was set again is there twice.
  bool is_set(const Timer<K>& timer) {
    auto* pane = panes_.find(pane_of(timer.time));
    return pane != nullptr &&
           pane->find(timer_hash(timer.hash, timer.time, timer.name), timer) != nullptr;
  }
  Timer<K> take_first() {
    std::pop_heap(sorted_.begin(), sorted_.end(), is_after);
    Timer<K> timer = std::move(sorted_.back().timer);
    sorted_.pop_back();
    return timer;
  }
  PaneTables<Timer<K>, Nothing> panes_;
  std::vector<Due> sorted_;  // A heap of the timers of `sorted_pane_`, which was the first one.
  std::optional<EventTime> sorted_pane_;
};

}  // namespace weir::inline v0::detail
