// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/late_records.hpp"
#include "weir/detail/operators/sweep_plan.hpp"
#include "weir/detail/operators/window_cell.hpp"
#include "weir/detail/operators/window_space.hpp"
#include "weir/detail/operators/window_sweep.hpp"
#include "weir/detail/state/state_access.hpp"

namespace weir::inline v0::detail {

/// Windows on a grid, or the global one, with any trigger and emission, by event or processing
/// time. Each window has a table of its own; a record goes to all of its windows.
///
/// Invariants:
/// 1. A window has a table from its first record until the horizon reaches rules.goes_at(last).
/// 2. The horizon is the watermark, or, by processing time, the clock - 1: what came by it is done.
/// 3. `changed_` holds every window with a cell that is changed, where the rules ask for it.
template <class K, class T, class Bound, bool kIsUpdate>
class TriggeredWindow final : public KeyedOperator<K, T> {
 public:
  using State = typename Bound::State;
  using Cell = WindowCell<State>;
  using R = ResultAt<Bound, K>;
  using Out = WindowOutput<K, R, kIsUpdate>;

  TriggeredWindow(const WindowSpace& space, const WindowRules& rules, Bound bound)
      : space_{space}, plan_{space, rules}, bound_{std::move(bound)}, sweep_{plan_, bound_} {}

  void connect(std::size_t outlet, Link link) override {
    if (outlet == 0) return results_.base().connect(link);
    (outlet == 1 ? this->letters().base() : late_.outlet().base()).connect(link);
  }
  void open(OperatorContext& context) override {
    this->add_outlet(results_);
    this->add_outlet(late_.outlet());
    results_.open(context.metrics());
    late_.open(context.metrics());
    KeyedOperator<K, T>::open(context);
    tables_ = &context.state().template panes<K, Cell>({.name = "windows"});
    sweep_.open(*tables_);
    plan_.open(rules().is_by_processing_time ? EventTime::min() : context.watermark());
  }
  void on_barrier(CheckpointId, ByteWriter& out) override { plan_.save(out); }
  void load(ByteReader& in) override { plan_.load(in, tables_->panes()); }

 private:
  using View = KeyedView<K, T>;

  const WindowRules& rules() const noexcept { return plan_.rules(); }

  void begin(const View&) override {
    results_.set_origin(this->origin());
    late_.outlet().set_origin(this->origin());
    resume_at_ = std::numeric_limits<std::int64_t>::min();
    if (plan_.needs_clock()) plan_.set_now(this->context().now());
  }
  bool has_room() override { return results_.has_room() && late_.outlet().has_room(); }
  void run(const View& view, std::uint32_t& cursor) override {
    for (; cursor < view.count && !results_.is_full() && !late_.outlet().is_full(); ++cursor) {
      add(view, cursor);
      resume_at_ = std::numeric_limits<std::int64_t>::min();
    }
  }
  void drop_record() override { resume_at_ = std::numeric_limits<std::int64_t>::min(); }

  /// Adds a record to its windows. When user code throws, what is done of them stays done.
  void add(const View& view, std::uint32_t i) {
    const EventTime time = rules().is_by_processing_time ? plan_.now() : view.time(i);
    const IndexRange windows = space_.windows_of(time);
    if (windows.last < windows.first) return this->metrics().filtered.add();
    std::uint64_t misses = 0;
    for (std::int64_t index = windows.first; index <= windows.last; ++index) {
      const Window window = space_.window(index);
      if (plan_.is_closed(window)) {
        ++misses;
      } else if (index >= resume_at_) {
        resume_at_ = index;
        add_to(window, view, i);
        resume_at_ = index + 1;
      }
    }
    if (misses > static_cast<std::uint64_t>(windows.last - windows.first)) {
      late_.add(view, i, plan_.horizon());
    } else if (misses > 0) {
      this->metrics().late_window_misses.add(misses);
    }
  }
  void add_to(const Window& window, const View& view, std::uint32_t i) {
    const std::uint64_t hash = view.hash(i);
    const K& key = view.key(i);
    KeyedTable<K, Cell>& table = tables_->get_or_create(window.start);
    Cell* cell = table.find_mutable(hash, key);
    std::optional<R> old;
    if (cell != nullptr) {
      if constexpr (kIsUpdate) old.emplace(result_at(bound_, key, window, cell->state));
      bound_.add(cell->state, view.value(i));
    } else {
      Cell fresh{bound_.make(), {}};
      bound_.add(fresh.state, view.value(i));
      cell = &table.get_or_create(hash, key, [&] { return std::move(fresh); });
    }
    const Firing firing = fire_on_record(rules(), cell->firing, last_time(window), plan_.horizon());
    if constexpr (kIsUpdate) {
      this->run_guarded([&] {
        results_.emit({{key, window.start, window.end},
                       std::move(old),
                       result_at(bound_, key, window, cell->state)},
                      last_time(window));
      });
    } else if (firing.fires) {
      this->run_guarded(
          [&] { emit_cell(bound_, rules(), key, window, *cell, firing.timing, results_); });
    }
    if (cell->firing.is_changed) plan_.note_change(window.start);
  }

  bool work_watermark(EventTime watermark) override {
    if (rules().is_by_processing_time) return true;
    return reach(watermark);
  }
  bool work_clock(EventTime now) override {
    plan_.set_now(now);
    if (rules().is_by_processing_time) return reach(plan_.now() - Duration{1});
    return sweep_is_done([&] { return plan_.plan_clock(); });
  }
  std::optional<EventTime> wake_at() const override { return plan_.wake_at(tables_->panes()); }

  /// Moves the horizon: fires what closes, drops what goes.
  bool reach(EventTime horizon) {
    if (!sweep_is_done([&] { return plan_.plan_horizon(tables_->panes(), horizon); })) return false;
    plan_.set_horizon(horizon);
    return true;
  }
  template <class MakePlan>
  bool sweep_is_done(const MakePlan& make_plan) {
    if (!sweep_.is_running()) sweep_.begin(make_plan());
    if constexpr (kIsUpdate) {
      return sweep_.drop_all();
    } else {
      return sweep_.advance(results_, [this](const auto& code) { return this->run_guarded(code); });
    }
  }

  const WindowSpace space_;
  SweepPlan plan_;
  const Bound bound_;
  WindowSweep<K, Bound> sweep_;
  PaneTables<K, Cell>* tables_ = nullptr;
  TypedOutlet<Out> results_;
  LateRecords<K, T> late_;
  std::int64_t resume_at_ = 0;  // Of the record at hand: windows before this one have it.
};

}  // namespace weir::inline v0::detail
