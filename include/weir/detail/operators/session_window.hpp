// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/late_records.hpp"
#include "weir/detail/operators/session_cells.hpp"
#include "weir/detail/operators/session_clock.hpp"
#include "weir/detail/operators/session_firing.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0::detail {

/// Sessions with any trigger and emission, by event or processing time.
///
/// Whether a record is late is judged on the session that it makes: one that bridges into a session
/// that still accepts is accepted.
template <class K, class T, class W, class Bound, bool kIsUpdate>
class SessionWindow final : public KeyedOperator<K, T> {
 public:
  using State = typename Bound::State;
  using R = ResultAt<Bound, K>;
  using Out = WindowOutput<K, R, kIsUpdate>;

  SessionWindow(W windows, const WindowRules& rules, Bound bound)
      : windows_{std::move(windows)},
        clock_{rules},
        bound_{std::move(bound)},
        firing_{clock_, bound_} {}

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
    firing_.open(context.state());
    if (!rules().is_by_processing_time) clock_.set_horizon(context.watermark());
  }
  void on_barrier(CheckpointId, ByteWriter& out) override { clock_.save(out); }
  void load(ByteReader& in) override {
    clock_.load(in);
    firing_.load();
  }

 private:
  using View = KeyedView<K, T>;
  using Cells = SessionCells<State>;

  const WindowRules& rules() const noexcept { return clock_.rules(); }

  void begin(const View& view) override {
    results_.set_origin(this->origin());
    late_.outlet().set_origin(this->origin());
    if (clock_.needs_clock()) clock_.set_now(this->context().now());
    firing_.sessions().prefetch(
        view.count, [&](std::size_t i) { return view.hash(static_cast<std::uint32_t>(i)); },
        [&](std::size_t i) -> const K& { return view.key(static_cast<std::uint32_t>(i)); });
  }
  bool has_room() override { return results_.has_room() && late_.outlet().has_room(); }
  void run(const View& view, std::uint32_t& cursor) override {
    for (; cursor < view.count && !results_.is_full() && !late_.outlet().is_full(); ++cursor) {
      add(view, cursor);
    }
  }

  void add(const View& view, std::uint32_t i) {
    const EventTime time = rules().is_by_processing_time ? clock_.now() : view.time(i);
    const Window own = session_of(time, windows_.gap_of(view.value(i)));
    const std::uint64_t hash = view.hash(i);
    const K& key = view.key(i);
    Cells* const cells = firing_.sessions().find_mutable(hash, key);
    const SessionRange range = cells != nullptr ? find_touching(*cells, own) : SessionRange{};
    const Window merged = range.size() == 0 ? own : cover_all(*cells, range, own);
    if (clock_.is_closed(merged, clock_.horizon())) return late_.add(view, i, clock_.horizon());
    if (range.size() == 0) {
      start(hash, key, own, range.first, view.value(i));
    } else {
      join(*cells, range, hash, key, merged, view.value(i));
    }
  }
  static Window cover_all(const Cells& cells, const SessionRange& range, const Window& own) {
    return cover(cover(own, cells[range.first].window), cells[range.end - 1].window);
  }
  /// A session of one record.
  void start(std::uint64_t hash, const K& key, const Window& own, std::size_t place,
             const T& record) {
    SessionCell<State> session{own, {bound_.make(), {}}, EventTime::max()};
    bound_.add(session.cell.state, record);
    Cells& cells = firing_.sessions().get_or_create(hash, key);
    const auto at =
        cells.insert(cells.begin() + static_cast<std::ptrdiff_t>(place), std::move(session));
    finish(hash, key, *at, {});
  }
  /// The record becomes part of sessions that were there, and makes them one.
  void join(Cells& cells, const SessionRange& range, std::uint64_t hash, const K& key,
            const Window& merged, const T& record) {
    SessionCell<State>& session = cells[range.first];
    std::vector<Out> gone = vanishing(cells, range, key);
    if (range.size() == 1) {
      add_to_session(bound_, session.cell.state, record);
    } else {
      session.cell = bridge(bound_, cells, range, record);
      for (std::size_t place = range.first + 1; place < range.end; ++place) {
        session.armed = std::min(session.armed, cells[place].armed);
      }
      cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(range.first) + 1,
                  cells.begin() + static_cast<std::ptrdiff_t>(range.end));
    }
    session.window = merged;
    finish(hash, key, session, std::move(gone));
  }
  /// For changes: sessions as they were. One that keeps its bounds changes; the others vanish.
  std::vector<Out> vanishing(const Cells& cells, const SessionRange& range, const K& key) {
    std::vector<Out> gone;
    if constexpr (kIsUpdate) {
      for (std::size_t place = range.first; place < range.end; ++place) {
        const Window& window = cells[place].window;
        gone.push_back({{key, window.start, window.end},
                        result_at(bound_, key, window, cells[place].cell.state),
                        std::nullopt});
      }
    }
    return gone;
  }
  /// A record was added to a session: its results and its timers.
  void finish(std::uint64_t hash, const K& key, SessionCell<State>& session,
              std::vector<Out> gone) {
    const EventTime last = last_time(session.window);
    const bool was_changed = session.cell.firing.is_changed;
    const Firing firing = fire_on_record(rules(), session.cell.firing, last, clock_.horizon());
    if constexpr (kIsUpdate) {
      this->run_guarded([&] { emit_change(key, session, gone); });
    } else if (firing.fires) {
      this->run_guarded([&] {
        emit_cell(bound_, rules(), key, session.window, session.cell, firing.timing, results_);
      });
    }
    firing_.arm(hash, key, session, clock_.horizon());
    if (!was_changed && session.cell.firing.is_changed) firing_.note_change(hash, key);
  }
  void emit_change(const K& key, const SessionCell<State>& session, std::vector<Out>& gone) {
    if constexpr (kIsUpdate) {
      const Window& window = session.window;
      Out change{{key, window.start, window.end},
                 std::nullopt,
                 result_at(bound_, key, window, session.cell.state)};
      if (gone.size() == 1 && gone.front().key == change.key) {
        change.old = std::move(gone.front().old);
        gone.clear();
      }
      for (Out& vanished : gone) {
        const EventTime time = last_time(vanished.key.window());
        results_.emit(std::move(vanished), time);
      }
      results_.emit(std::move(change), last_time(window));
    }
  }

  bool work_watermark(EventTime watermark) override {
    return rules().is_by_processing_time || reach(watermark);
  }
  bool work_clock(EventTime now) override {
    clock_.set_now(now);
    if (rules().is_by_processing_time) return reach(clock_.now() - Duration{1});
    if constexpr (kIsUpdate) {
      return true;
    } else {
      return firing_.fire_by_clock(results_, guard());
    }
  }
  std::optional<EventTime> wake_at() const override { return firing_.wake_at(); }

  bool reach(EventTime horizon) {
    if (!firing_.reach(horizon, results_, guard())) return false;
    clock_.set_horizon(horizon);
    return true;
  }
  auto guard() {
    return [this](const auto& code) { return this->run_guarded(code); };
  }

  const W windows_;
  SessionClock clock_;
  const Bound bound_;
  SessionFiring<K, Bound> firing_;
  TypedOutlet<Out> results_;
  LateRecords<K, T> late_;
};

}  // namespace weir::inline v0::detail
