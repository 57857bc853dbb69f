// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "weir/detail/operators/stepped_operator.hpp"
#include "weir/detail/operators/sweep_plan.hpp"
#include "weir/detail/operators/window_cell.hpp"
#include "weir/detail/state/state_access.hpp"

namespace weir::inline v0::detail {

/// Looks through planned windows, makes their results and drops those that go; can suspend
/// anywhere.
template <class K, class Bound>
class WindowSweep final {
 public:
  using Cell = WindowCell<typename Bound::State>;
  using Results = TypedOutlet<Windowed<K, ResultAt<Bound, K>>>;

  WindowSweep(const SweepPlan& plan, const Bound& bound) : plan_{plan}, bound_{bound} {}

  void open(PaneTables<K, Cell>& tables) noexcept { tables_ = &tables; }
  bool is_running() const noexcept { return is_running_; }
  void begin(std::vector<SweptWindow> windows) {
    windows_ = std::move(windows);
    next_ = 0;
    is_running_ = true;
  }
  /// Returns whether all is done.
  template <class Guard>
  bool advance(Results& results, const Guard& guarded) {
    budget_ = kUnitsPerStep;
    for (; next_ < windows_.size(); ++next_) {
      const SweptWindow& swept = windows_[next_];
      if (KeyedTable<K, Cell>* const table = tables_->find(swept.window.start)) {
        if (!sweep(*table, swept, results, guarded)) return false;
      }
      if (swept.goes) tables_->drop(swept.window.start);
    }
    is_running_ = false;
    return true;
  }
  /// The same where nothing is emitted.
  bool drop_all() {
    for (const SweptWindow& swept : windows_) {
      if (swept.goes) tables_->drop(swept.window.start);
    }
    is_running_ = false;
    return true;
  }

 private:
  using Table = KeyedTable<K, Cell>;
  struct Due {
    std::uint64_t hash;
    K key;
    PaneTiming timing;
  };

  Firing firing_of(const Cell& cell, const SweptWindow& swept) const {
    const FiringState& firing = cell.firing;
    const bool is_new = firing.has_content && firing.is_changed;
    switch (swept.reason) {
      case SweptWindow::Reason::early:
        return {is_new, PaneTiming::early};
      case SweptWindow::Reason::clock:
        return {is_new, firing.firings == 0 ? PaneTiming::on_time : PaneTiming::late};
      default:
        return fire_on_watermark(plan_.rules(), firing, last_time(swept.window), swept.before,
                                 swept.horizon);
    }
  }
  bool spend() noexcept {
    if (budget_ > 0) --budget_;
    return budget_ > 0;
  }
  template <class Guard>
  bool sweep(Table& table, const SweptWindow& swept, Results& results, const Guard& guarded) {
    if (swept.goes) return emit_last(table, swept, results, guarded);
    if (!is_collected_) {
      if (!collect(table, swept)) return false;
      is_collected_ = true;
    }
    for (; next_due_ < due_.size(); ++next_due_) {
      if (budget_ == 0 || !results.has_room()) return false;
      spend();
      const Due& due = due_[next_due_];
      Cell* const cell = table.find_mutable(due.hash, due.key);
      guarded([&] {
        emit_cell(bound_, plan_.rules(), due.key, swept.window, *cell, due.timing, results);
      });
    }
    due_.clear();
    next_due_ = 0;
    is_collected_ = false;
    return true;
  }
  /// Which cells fire; they are changed afterwards, as a walk must not.
  bool collect(Table& table, const SweptWindow& swept) {
    if (!walk_) walk_.emplace(table.walk());
    const bool is_done = walk_->advance([&](std::uint64_t hash, const K& key, const Cell& cell) {
      const Firing firing = firing_of(cell, swept);
      if (firing.fires) due_.push_back({hash, key, firing.timing});
      return spend();
    });
    if (is_done) walk_.reset();
    return is_done;
  }
  /// A window that goes: its cells need not know any more that they fired.
  template <class Guard>
  bool emit_last(Table& table, const SweptWindow& swept, Results& results, const Guard& guarded) {
    if (!walk_) walk_.emplace(table.walk());
    while (results.has_room()) {
      const bool is_done = walk_->advance([&](std::uint64_t, const K& key, const Cell& cell) {
        const Firing firing = firing_of(cell, swept);
        if (firing.fires) {
          guarded([&] {
            results.emit({key,
                          result_at(bound_, key, swept.window, cell.state),
                          swept.window.start,
                          swept.window.end,
                          {firing.timing, cell.firing.firings}},
                         last_time(swept.window));
          });
        }
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

  const SweepPlan& plan_;
  const Bound& bound_;
  PaneTables<K, Cell>* tables_ = nullptr;

  // The cursor of a sweep; at rest between elements.
  bool is_running_ = false;
  std::vector<SweptWindow> windows_;
  std::size_t next_ = 0;
  std::optional<typename Table::Walk> walk_;
  std::vector<Due> due_;
  std::size_t next_due_ = 0;
  bool is_collected_ = false;
  std::size_t budget_ = 0;
};

}  // namespace weir::inline v0::detail
