// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/late_records.hpp"
#include "weir/detail/operators/pane_firing.hpp"
#include "weir/detail/operators/pane_schedule.hpp"
#include "weir/detail/operators/record_operator.hpp"
#include "weir/detail/operators/running_aggregate.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::detail {

/// Tumbling and hopping windows by event time that fire at their end, and again for late records.
///
/// A record costs one update of the table of its pane; what happens to a pane's records is decided
/// once per run of records of the same pane. Requires: merge, unless size == every.
///
/// Invariants:
/// 1. A pane has a table as long as a window that holds it can fire or be read.
/// 2. Windows with last <= watermark_ have fired: for every key that was in them then. So a key
/// that
///    is in a fired window before a late record is added has been shown once.
template <class K, class T, class Bound>
class PaneWindow final : public KeyedOperator<K, T> {
 public:
  using State = typename Bound::State;
  using Result = Windowed<K, ResultAt<Bound, K>>;

  PaneWindow(const HoppingOptions& options, const WindowRules& rules, Bound bound)
      : schedule_{options, rules}, bound_{std::move(bound)}, firing_{schedule_, bound_} {}

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
    watermark_ = context.watermark();
    firing_.open(context);
  }
  void on_barrier(CheckpointId, ByteWriter& out) override { out.zigzag(watermark_.ms()); }
  void load(ByteReader& in) override { watermark_ = EventTime{in.zigzag()}; }

 private:
  using View = KeyedView<K, T>;

  void begin(const View&) override {
    results_.set_origin(this->origin());
    late_.outlet().set_origin(this->origin());
    choice_.reset();
    other_choice_.reset();
  }
  bool has_room() override { return results_.has_room() && late_.outlet().has_room(); }

  void run(const View& view, std::uint32_t& cursor) override {
    while (cursor < view.count && !results_.is_full() && !late_.outlet().is_full()) {
      const EventTime time = view.time(cursor);
      choose(time);
      if (choice_->is_late) {
        late_.add(view, cursor, watermark_);
        ++cursor;
      } else if (choice_->refire.first <= choice_->refire.last) {
        this->metrics().late_window_misses.add(choice_->misses);
        refire(view, cursor);
        ++cursor;
      } else {
        add_run(view, cursor);
      }
    }
  }
  /// Around the start of a pane, records of two panes come by turns: both choices are kept.
  void choose(EventTime time) {
    if (choice_ && choice_->holds(time)) return;
    std::swap(choice_, other_choice_);
    if (choice_ && choice_->holds(time)) return;
    choice_ = schedule_.choose(time, watermark_);
  }
  /// All records from `cursor` on that lie in the same pane.
  void add_run(const View& view, std::uint32_t& cursor) {
    std::uint32_t end = cursor + 1;
    while (end < view.count && choice_->holds(view.time(end))) ++end;
    const std::uint32_t begin = cursor;
    KeyedTable<K, State>& table = firing_.panes().get_or_create(choice_->pane);
    table.prefetch(
        end - begin,
        [&](std::size_t i) { return view.hash(begin + static_cast<std::uint32_t>(i)); },
        [&](std::size_t i) -> const K& { return view.key(begin + static_cast<std::uint32_t>(i)); });
    std::uint32_t i = begin;
    const OnExit keep{[&] {
      cursor = i;
      if (choice_->misses > 0)
        this->metrics().late_window_misses.add(choice_->misses * (i - begin));
    }};
    for (; i < end; ++i) add_record(bound_, table, view.hash(i), view.key(i), view.value(i));
  }
  /// One record that windows take in after they have fired.
  void refire(const View& view, std::uint32_t i) {
    const std::uint64_t hash = view.hash(i);
    const K& key = view.key(i);
    firing_.look_up(choice_->refire, hash, key);
    add_record(bound_, firing_.panes().get_or_create(choice_->pane), hash, key, view.value(i));
    firing_.note_late(choice_->refire, hash, key, view.value(i));
    if (schedule_.rules().is_late_batched) return;
    for (std::int64_t window = choice_->refire.first; window <= choice_->refire.last; ++window) {
      firing_.emit_late(window, hash, key, results_);
    }
  }

  bool work_watermark(EventTime watermark) override {
    const auto guarded = [this](const auto& code) { return this->run_guarded(code); };
    if (!firing_.fire(watermark_, watermark, results_, guarded)) return false;
    watermark_ = watermark;
    return true;
  }
  bool work_clock(EventTime) override { return true; }

  const PaneSchedule schedule_;
  const Bound bound_;
  PaneFiring<K, Bound> firing_;
  TypedOutlet<Result> results_;
  LateRecords<K, T> late_;
  EventTime watermark_ = EventTime::min();
  // Of the batch at hand: the last record's, and the one before it.
  std::optional<PaneChoice> choice_;
  std::optional<PaneChoice> other_choice_;
};

}  // namespace weir::inline v0::detail
