// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/operators/aggregation_states.hpp"
#include "weir/detail/operators/any_outlet.hpp"
#include "weir/detail/operators/key_order.hpp"
#include "weir/detail/operators/pane_schedule.hpp"
#include "weir/detail/operators/scratch_table.hpp"
#include "weir/detail/operators/stepped_operator.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::detail {

/// What a window of one key remembers once a record has come after it fired.
template <class State>
struct LateCell {
  std::uint32_t firings = 0;   ///< Index of the next pane.
  bool is_pending = false;     ///< Late records wait for the next watermark.
  std::optional<State> state;  ///< Discarding: what no result has shown.
};

/// The panes of a PaneWindow, and the results that it makes of them: the part that can suspend.
template <class K, class Bound>
class PaneFiring final {
 public:
  using State = typename Bound::State;
  using Result = Windowed<K, ResultAt<Bound, K>>;

  PaneFiring(const PaneSchedule& schedule, const Bound& bound)
      : schedule_{schedule}, bound_{bound} {}

  void open(OperatorContext& context) {
    panes_ = &context.state().template panes<K, State>({.name = "panes"});
    late_ = &context.state().template panes<K, LateCell<State>>({.name = "late"});
    is_ordered_ = context.is_ordered();
  }
  PaneTables<K, State>& panes() noexcept { return *panes_; }

  // --- late records ----------------------------------------------------------------------------

  /// Before a late record is added: which of the windows had its key.
  void look_up(const IndexRange& windows, std::uint64_t hash, const K& key) {
    had_key_.clear();
    for (std::int64_t window = windows.first; window <= windows.last; ++window) {
      had_key_.push_back(is_in(window, hash, key));
    }
  }
  /// After it was added.
  template <class T>
  void note_late(const IndexRange& windows, std::uint64_t hash, const K& key, const T& record) {
    for (std::int64_t window = windows.first; window <= windows.last; ++window) {
      KeyedTable<K, LateCell<State>>& table = late_->get_or_create(start_of(window));
      const bool had_key = had_key_[static_cast<std::size_t>(window - windows.first)];
      LateCell<State>& cell = table.get_or_create(hash, key, [&] {
        return LateCell<State>{had_key ? 1U : 0U, false, std::nullopt};
      });
      cell.is_pending = true;
      if (!schedule_.rules().purges()) continue;
      if (!cell.state) cell.state.emplace(bound_.make());
      bound_.add(*cell.state, record);
    }
  }
  void emit_late(std::int64_t window, std::uint64_t hash, const K& key,
                 TypedOutlet<Result>& results) {
    LateCell<State>* const cell = late_->get_or_create(start_of(window)).find_mutable(hash, key);
    if (cell == nullptr || !cell->is_pending) return;
    cell->is_pending = false;
    std::optional<State> state = std::move(cell->state);
    cell->state.reset();
    if (!schedule_.rules().purges()) state = collect(window, hash, key);
    if (state) emit(window, key, *state, {PaneTiming::late, cell->firings++}, results);
  }

  // --- watermarks ------------------------------------------------------------------------------

  /// Makes the results of windows that close between two watermarks. Returns false when the output
  /// is full or the share of the step used up: to be called again with the same.
  template <class Guard>
  bool fire(EventTime before, EventTime watermark, TypedOutlet<Result>& results,
            const Guard& guarded) {
    budget_ = kUnitsPerStep;
    if (phase_ == Phase::none) begin(before);
    if (phase_ == Phase::late) {
      if (!fire_pending(results, guarded)) return false;
      phase_ = Phase::windows;
    }
    while (window_ || find_window(watermark)) {
      if (!fire_window(results, guarded)) return false;
      from_ = *window_ + 1;
      window_.reset();
    }
    clean(watermark);
    phase_ = Phase::none;
    return true;
  }

 private:
  enum class Phase : std::uint8_t { none, late, windows };
  struct Pending {
    std::int64_t window;
    std::uint64_t hash;
    K key;
  };
  using Table = KeyedTable<K, State>;
  using Scratch = ScratchTable<K, State>;

  /// One unit of work; false when that was the last of this step.
  bool spend() noexcept {
    if (budget_ > 0) --budget_;
    return budget_ > 0;
  }
  EventTime start_of(std::int64_t window) const noexcept {
    return schedule_.pane_of_window(window, 0);
  }
  /// The window that starts there.
  std::int64_t window_at(EventTime start) const noexcept {
    return schedule_.grid().windows_of_pane(schedule_.grid().pane_of(start)).last;
  }
  bool is_in(std::int64_t window, std::uint64_t hash, const K& key) {
    for (std::int64_t number = 0; number < schedule_.grid().panes(); ++number) {
      Table* const table = panes_->find(schedule_.pane_of_window(window, number));
      if (table != nullptr && table->find(hash, key) != nullptr) return true;
    }
    return false;
  }
  std::optional<State> collect(std::int64_t window, std::uint64_t hash, const K& key) {
    std::optional<State> whole;
    for (std::int64_t number = 0; number < schedule_.grid().panes(); ++number) {
      Table* const table = panes_->find(schedule_.pane_of_window(window, number));
      const State* const state = table != nullptr ? table->find(hash, key) : nullptr;
      if (state == nullptr) continue;
      if (!whole) {
        whole = *state;
      } else if constexpr (can_merge<Bound>) {
        bound_.merge(*whole, *state);
      }
    }
    return whole;
  }
  void emit(std::int64_t window, const K& key, const State& state, Pane pane,
            TypedOutlet<Result>& results) {
    const Window bounds = schedule_.grid().window(window);
    results.emit({key, result_at(bound_, key, bounds, state), bounds.start, bounds.end, pane},
                 schedule_.grid().window_last(window));
  }

  void begin(EventTime before) {
    from_ = schedule_.first_unfired(before);
    phase_ = Phase::late;
    next_pending_ = 0;
    pending_.clear();
    if (!schedule_.rules().is_late_batched) return;
    for (const EventTime start : late_->panes()) {
      late_->find(start)->for_each([&](const K& key, const LateCell<State>& cell) {
        if (cell.is_pending)
          pending_.push_back({window_at(start), hash_key(key, scratch_key_), key});
      });
    }
  }
  template <class Guard>
  bool fire_pending(TypedOutlet<Result>& results, const Guard& guarded) {
    for (; next_pending_ < pending_.size(); ++next_pending_) {
      if (!results.has_room()) return false;
      const Pending& pending = pending_[next_pending_];
      guarded([&] { emit_late(pending.window, pending.hash, pending.key, results); });
    }
    return true;
  }

  bool find_window(EventTime watermark) {
    window_ = schedule_.next_to_fire(panes_->panes(), from_, watermark);
    number_ = 0;
    is_merged_ = schedule_.grid().panes() == 1;
    next_entry_ = 0;
    merged_.clear();
    return window_.has_value();
  }
  template <class Guard>
  bool fire_window(TypedOutlet<Result>& results, const Guard& guarded) {
    if (schedule_.grid().panes() == 1) return emit_table(results, guarded);
    if (!is_merged_ && !merge_panes(guarded)) return false;
    return emit_merged(results, guarded);
  }
  /// A window of one pane: straight from its table.
  template <class Guard>
  bool emit_table(TypedOutlet<Result>& results, const Guard& guarded) {
    if (!walk_) {
      Table* const table = panes_->find(start_of(*window_));
      if (table == nullptr) return true;
      walk_.emplace(table->walk());
    }
    while (results.has_room()) {
      const bool is_done = walk_->advance([&](std::uint64_t, const K& key, const State& state) {
        guarded([&] { emit(*window_, key, state, {}, results); });
        return spend() && !results.is_full();
      });
      if (is_done) {
        walk_.reset();
        return true;
      }
      if (budget_ == 0) return false;
    }
    return false;
  }
  /// Adds up the panes of a window, one after the other.
  template <class Guard>
  bool merge_panes(const Guard& guarded) {
    for (; number_ < schedule_.grid().panes(); ++number_) {
      if (!walk_) {
        Table* const table = panes_->find(schedule_.pane_of_window(*window_, number_));
        if (table == nullptr) continue;
        walk_.emplace(table->walk());
      }
      const bool is_done =
          walk_->advance([&](std::uint64_t hash, const K& key, const State& state) {
            guarded([&] { merge_into(merged_, hash, key, state); });
            return spend();
          });
      if (!is_done) return false;
      walk_.reset();
    }
    if (is_ordered_) sort_by_key_bytes<K>(merged_.entries());
    is_merged_ = true;
    return true;
  }
  void merge_into(Scratch& scratch, std::uint64_t hash, const K& key, const State& state) {
    if constexpr (can_merge<Bound>) {
      if (State* const known = scratch.find(hash, key)) {
        bound_.merge(*known, state);
      } else {
        scratch.get_or_create(hash, key, [&] { return state; });
      }
    }
  }
  template <class Guard>
  bool emit_merged(TypedOutlet<Result>& results, const Guard& guarded) {
    auto& entries = merged_.entries();
    for (; next_entry_ < entries.size(); ++next_entry_) {
      if (budget_ == 0 || !results.has_room()) return false;
      spend();
      guarded([&] {
        emit(*window_, entries[next_entry_].key, entries[next_entry_].value, {}, results);
      });
    }
    return true;
  }

  /// Drops what no window needs any more.
  void clean(EventTime watermark) {
    while (const auto pane = panes_->first()) {
      if (!schedule_.is_over(*pane, watermark)) break;
      panes_->drop(*pane);
    }
    while (const auto start = late_->first()) {
      const EventTime last = schedule_.grid().window_last(window_at(*start));
      if (schedule_.rules().goes_at(last) > watermark) break;
      late_->drop(*start);
    }
  }

  const PaneSchedule& schedule_;
  const Bound& bound_;
  PaneTables<K, State>* panes_ = nullptr;
  PaneTables<K, LateCell<State>>* late_ = nullptr;  // By start of the window.
  bool is_ordered_ = false;
  std::string scratch_key_;
  std::vector<bool> had_key_;

  // The cursor of a firing; at rest between elements.
  Phase phase_ = Phase::none;
  std::size_t budget_ = 0;
  std::vector<Pending> pending_;
  std::size_t next_pending_ = 0;
  std::int64_t from_ = 0;
  std::optional<std::int64_t> window_;
  std::int64_t number_ = 0;  // Of the pane in the window.
  std::optional<typename Table::Walk> walk_;
  Scratch merged_;
  bool is_merged_ = false;
  std::size_t next_entry_ = 0;
};

}  // namespace weir::inline v0::detail
