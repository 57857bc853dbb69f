// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "weir/detail/state/keyed_table.hpp"
#include "weir/detail/state/place_scan.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// One keyed table per pane of a window, by the pane's start.
///
/// Memory of dropped panes is used again: up to kSpares tables are kept, each up to kSpareBytes.
template <class K, class V>
class PaneTables final : public Table {
 public:
  using Pane = KeyedTable<K, V>;

  PaneTables(TableHost& host, const TablePlace& place, const std::optional<Ttl>& ttl)
      : host_{host}, place_{place}, ttl_{ttl} {}

  /// Null: there is none. Tables stay where they are until they are dropped.
  Pane* find(EventTime pane) {
    const std::size_t at = index_of(pane);
    return at < starts_.size() && starts_[at] == pane ? tables_[at].get() : nullptr;
  }
  Pane& get_or_create(EventTime pane) {
    const std::size_t at = index_of(pane);
    if (at == starts_.size() || starts_[at] != pane) add(at, pane);
    return *tables_[at];
  }
  /// Frees a pane with all its entries; one entry of the next delta. No error if there is none.
  void drop(EventTime pane) {
    const std::size_t at = index_of(pane);
    if (at == starts_.size() || starts_[at] != pane) return;
    if (host_.keeps_deltas && is_stored_[at]) dropped_.push_back(pane.ms());
    remove(at);
  }
  /// The lowest pane.
  std::optional<EventTime> first() const {
    return starts_.empty() ? std::nullopt : std::optional{starts_.front()};
  }
  /// All panes, in order.
  const std::vector<EventTime>& panes() const noexcept { return starts_; }
  /// visit(Pane&) for each, in order. None may be dropped meanwhile.
  template <class Visit>
  void for_each_pane(Visit&& visit) const {
    for (const auto& each : tables_) visit(*each);
  }

  // --- as a Table

  void collect(DeltaWriter& out) override {
    for (const std::int64_t pane : dropped_) out.drop_table(place_bytes(place_of(pane)));
    dropped_.clear();
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      const std::uint64_t before = out.count();
      tables_[i]->collect(out);
      if (out.count() != before) is_stored_[i] = true;
    }
  }
  void load_put(const EntryKey& entry, std::string_view value) override {
    get_or_create(EventTime{entry.place.instance}).load_put(entry, value);
    is_stored_[last_] = true;
  }
  void load_erase(const EntryKey& entry) override {
    Pane* pane = find(EventTime{entry.place.instance});
    if (pane != nullptr) pane->load_erase(entry);
  }
  void load_truncate(const EntryKey&, std::string_view) override {
    throw CorruptState{"a truncation of a table that has no lists"};
  }
  void load_drop(std::int64_t instance) override {
    const std::size_t at = index_of(EventTime{instance});
    if (at < starts_.size() && starts_[at].ms() == instance) remove(at);
  }
  void attach_store() override {
    for (const std::int64_t pane : instances_in(*host_.store, place_)) {
      get_or_create(EventTime{pane}).attach_store();
      is_stored_[last_] = true;
    }
  }
  void maintain(Maintenance& work) override {
    while (work.slots > 0) {
      if (next_maintained_ >= tables_.size()) {
        next_maintained_ = 0;
        work.is_round_done = true;
        return;
      }
      Maintenance step = work;
      tables_[next_maintained_]->maintain(step);
      work.slots = step.slots;
      work.free_bytes = step.free_bytes;
      if (step.is_round_done) ++next_maintained_;
    }
  }
  void mark_all_dirty() override {
    for (const auto& each : tables_) each->mark_all_dirty();
  }
  StateMemory memory() const override {
    StateMemory sum;
    for (const auto& each : tables_) sum += each->memory();
    for (const auto& each : spares_) sum.tables += each->memory().tables;
    return sum;
  }
  void clear() override {
    starts_.clear();
    tables_.clear();
    is_stored_.clear();
    dropped_.clear();
    last_ = 0;
  }

 private:
  static constexpr std::size_t kSpares = 4;
  static constexpr std::size_t kSpareBytes = std::size_t{256} << 20;

  TablePlace place_of(std::int64_t pane) const { return {place_.node, place_.table, pane}; }

  /// Where the pane is, or belongs. The one asked for last comes first: batches stay in a pane.
  std::size_t index_of(EventTime pane) {
    if (last_ < starts_.size() && starts_[last_] == pane) return last_;
    last_ = static_cast<std::size_t>(std::lower_bound(starts_.begin(), starts_.end(), pane) -
                                     starts_.begin());
    return last_;
  }
  void add(std::size_t at, EventTime pane) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    tables_.insert(tables_.begin() + offset, make_table(pane));
    starts_.insert(starts_.begin() + offset, pane);
    is_stored_.insert(is_stored_.begin() + offset, false);
  }
  std::unique_ptr<Pane> make_table(EventTime pane) {
    if (spares_.empty()) return std::make_unique<Pane>(host_, place_of(pane.ms()), ttl_);
    std::unique_ptr<Pane> spare = std::move(spares_.back());
    spares_.pop_back();
    spare->move_to(place_of(pane.ms()));
    return spare;
  }
  void remove(std::size_t at) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    std::unique_ptr<Pane> table = std::move(tables_[at]);
    tables_.erase(tables_.begin() + offset);
    starts_.erase(starts_.begin() + offset);
    is_stored_.erase(is_stored_.begin() + offset);
    last_ = 0;
    if (spares_.size() >= kSpares) return;
    table->clear_for_reuse(kSpareBytes);
    spares_.push_back(std::move(table));
  }

  TableHost& host_;
  const TablePlace place_;
  const std::optional<Ttl> ttl_;
  std::vector<EventTime> starts_;  // Sorted; the next two go with it.
  std::vector<std::unique_ptr<Pane>> tables_;
  std::vector<bool> is_stored_;        // A delta or the store has entries of it.
  std::vector<std::int64_t> dropped_;  // Since the last barrier.
  std::vector<std::unique_ptr<Pane>> spares_;
  std::size_t last_ = 0;
  std::size_t next_maintained_ = 0;
};

}  // namespace weir::inline v0::detail
