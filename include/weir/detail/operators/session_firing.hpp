// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/session_cells.hpp"
#include "weir/detail/operators/session_clock.hpp"
#include "weir/detail/operators/stepped_operator.hpp"
#include "weir/detail/state/state_access.hpp"

namespace weir::inline v0::detail {

/// The sessions of a SessionWindow with their timers, and what happens as time goes on: the part
/// that can suspend.
///
/// Invariants:
/// 1. Every session has a timer at `armed` or before, and `armed` is not after what is due next.
/// 2. All timers up to the horizon have gone off; so no session that is over is in the table.
template <class K, class Bound>
class SessionFiring final {
 public:
  using State = typename Bound::State;
  using Cells = SessionCells<State>;
  using Session = SessionCell<State>;

  SessionFiring(SessionClock& clock, const Bound& bound) : clock_{clock}, bound_{bound} {}

  void open(StateAccess& state) {
    sessions_ = &state.template keyed<K, Cells>({.name = "sessions"});
    retained_ = &state.template keyed<K, std::vector<RetainedSession<State>>>({.name = "retained"});
    timers_ = &state.template timers<K>({.name = "timers"});
    clock_timers_ = &state.template timers<K>({.name = "clock"});
  }
  void load() {
    if (!clock_.has_early_ticks()) return;
    std::string scratch;
    sessions_->for_each([&](const K& key, const Cells&) {
      changed_.push_back({hash_key(key, scratch), key});
    });
    clock_.expect_early_tick();
  }
  KeyedTable<K, Cells>& sessions() noexcept { return *sessions_; }

  /// Sets a timer for what is due next, seen at time `at`, unless there is one that comes in time.
  void arm(std::uint64_t hash, const K& key, Session& session, EventTime at) {
    const EventTime due = clock_.next_due(session.window, session.cell.firing, at);
    if (due < session.armed || session.armed <= at) {
      session.armed = due;
      timers_->set(hash, key, due);
    }
    if (clock_.fires_by_clock()) clock_timers_->set(hash, key, last_time(session.window));
  }
  void note_change(std::uint64_t hash, const K& key) {
    if (!clock_.has_early_ticks()) return;
    changed_.push_back({hash, key});
    clock_.note_change();
  }

  /// Moves time on to `horizon`: fires what closes, by end, then start; removes what goes. Returns
  /// false when the output is full or the share of the step used up: to be called again.
  template <class Results, class Guard>
  bool reach(EventTime horizon, Results& results, const Guard& guarded) {
    std::size_t budget = kUnitsPerStep;
    for (;;) {
      for (; next_due_ < due_.size(); ++next_due_) {
        if (budget == 0 || !results.has_room()) return false;
        --budget;
        fire(due_[next_due_], horizon, results, guarded);
      }
      due_.clear();
      next_due_ = 0;
      const std::optional<EventTime> next = timers_->next();
      if (!next || *next > horizon) return true;
      if (budget == 0) return false;
      budget -= std::min(budget, take_timers(*next, horizon));
    }
  }
  /// Makes early results and those of at_processing_time().
  template <class Results, class Guard>
  bool fire_by_clock(Results& results, const Guard& guarded) {
    if (due_.empty()) collect_by_clock();
    for (; next_due_ < due_.size(); ++next_due_) {
      if (!results.has_room()) return false;
      const Due& due = due_[next_due_];
      if (Session* const session = find(due)) {
        guarded([&] { emit(due, *session, results); });
      }
    }
    due_.clear();
    next_due_ = 0;
    return true;
  }
  std::optional<EventTime> wake_at() const {
    if (clock_.rules().is_by_processing_time) return after(timers_->next());
    std::optional<EventTime> wake = clock_.next_early();
    if (!clock_.fires_by_clock()) return wake;
    const std::optional<EventTime> end = after(clock_timers_->next());
    if (!wake || (end && *end < *wake)) wake = end;
    return wake;
  }

 private:
  struct KeyRef {
    std::uint64_t hash;
    K key;
  };
  struct Due {
    std::uint64_t hash;
    K key;
    EventTime start;  ///< Of the session.
    EventTime at;     ///< The time that has come.
    PaneTiming timing;
  };
  static constexpr const char* kRetained = "retained";

  static std::optional<EventTime> after(const std::optional<EventTime>& time) {
    if (!time) return std::nullopt;
    return *time + Duration{1};
  }
  Session* find(const Due& due) {
    Cells* const cells = sessions_->find_mutable(due.hash, due.key);
    if (cells == nullptr) return nullptr;
    const auto found = std::find_if(cells->begin(), cells->end(), [&](const Session& session) {
      return session.window.start == due.start;
    });
    return found == cells->end() ? nullptr : &*found;
  }
  template <class Results>
  void emit(const Due& due, Session& session, Results& results) {
    if constexpr (std::is_same_v<Results, TypedOutlet<Windowed<K, ResultAt<Bound, K>>>>) {
      emit_cell(bound_, clock_.rules(), due.key, session.window, session.cell, due.timing, results);
    }
  }

  /// All timers of one time: what they make due, in order. Returns how many there were.
  std::size_t take_timers(EventTime time, EventTime horizon) {
    const EventTime at = std::max(time, clock_.horizon());
    std::size_t count = 0;
    while (auto timer = timers_->pop_due(time)) {
      ++count;
      if (timer->name == kRetained) {
        forget(timer->hash, timer->key, at);
      } else {
        look_at(timer->hash, timer->key, at, horizon);
      }
    }
    std::stable_sort(due_.begin(), due_.end(),
                     [](const Due& a, const Due& b) { return a.start < b.start; });
    return count;
  }
  /// The sessions of a key whose timer went off at time `at`.
  void look_at(std::uint64_t hash, const K& key, EventTime at, EventTime horizon) {
    Cells* const cells = sessions_->find_mutable(hash, key);
    if (cells == nullptr) return;
    for (std::size_t place = 0; place < cells->size();) {
      Session& session = (*cells)[place];
      if (session.armed > at) {
        ++place;
        continue;
      }
      const Firing firing = fire_on_watermark(clock_.rules(), session.cell.firing,
                                              last_time(session.window), clock_.horizon(), at);
      if (firing.fires) {
        due_.push_back({hash, key, session.window.start, at, firing.timing});
        ++place;
      } else if (clock_.is_over(session.window, at)) {
        retain(hash, key, session, horizon);
        cells->erase(cells->begin() + static_cast<std::ptrdiff_t>(place));
      } else {
        arm(hash, key, session, at);
        ++place;
      }
    }
    if (cells->empty()) sessions_->erase(hash, key);
  }
  template <class Results, class Guard>
  void fire(const Due& due, EventTime horizon, Results& results, const Guard& guarded) {
    Session* const session = find(due);
    if (session == nullptr) return;
    guarded([&] { emit(due, *session, results); });
    if (!clock_.is_over(session->window, horizon)) return arm_after_firing(due, *session);
    retain(due.hash, due.key, *session, horizon);
    Cells& cells = *sessions_->find_mutable(due.hash, due.key);
    std::erase_if(cells, [&](const Session& other) { return other.window.start == due.start; });
    if (cells.empty()) sessions_->erase(due.hash, due.key);
  }
  /// It has been shown, or could not be: what is next is its going.
  void arm_after_firing(const Due& due, Session& session) {
    session.cell.firing.is_changed = false;
    arm(due.hash, due.key, session, due.at);
  }
  /// Keeps what can be read after a session is closed.
  void retain(std::uint64_t hash, const K& key, const Session& session, EventTime horizon) {
    const WindowRules& rules = clock_.rules();
    const EventTime goes_at = rules.goes_at(last_time(session.window));
    if (rules.retention <= Duration{0} || goes_at <= horizon) return;
    retained_->get_or_create(hash, key).push_back({session.window, session.cell.state});
    timers_->set(hash, key, goes_at, kRetained);
  }
  void forget(std::uint64_t hash, const K& key, EventTime at) {
    auto* const kept = retained_->find_mutable(hash, key);
    if (kept == nullptr) return;
    std::erase_if(*kept, [&](const RetainedSession<State>& session) {
      return clock_.rules().goes_at(last_time(session.window)) <= at;
    });
    if (kept->empty()) retained_->erase(hash, key);
  }

  void collect_by_clock() {
    if (clock_.take_early_tick()) {
      for (const KeyRef& ref : std::exchange(changed_, {})) {
        collect(
            ref.hash, ref.key,
            [&](const Session& session) { return last_time(session.window) > clock_.horizon(); },
            PaneTiming::early);
      }
    }
    if (!clock_.fires_by_clock()) return;
    while (auto timer = clock_timers_->pop_due(clock_.now() - Duration{1})) {
      collect(
          timer->hash, timer->key,
          [&](const Session& session) { return last_time(session.window) < clock_.now(); },
          std::nullopt);
    }
  }
  template <class Accept>
  void collect(std::uint64_t hash, const K& key, const Accept& accept,
               std::optional<PaneTiming> timing) {
    const Cells* const cells = sessions_->find(hash, key);
    if (cells == nullptr) return;
    for (const Session& session : *cells) {
      const FiringState& firing = session.cell.firing;
      if (!firing.has_content || !firing.is_changed || !accept(session)) continue;
      const PaneTiming by_count = firing.firings == 0 ? PaneTiming::on_time : PaneTiming::late;
      due_.push_back({hash, key, session.window.start, clock_.now(), timing.value_or(by_count)});
    }
  }

  SessionClock& clock_;
  const Bound& bound_;
  KeyedTable<K, Cells>* sessions_ = nullptr;
  KeyedTable<K, std::vector<RetainedSession<State>>>* retained_ = nullptr;
  TimerTable<K>* timers_ = nullptr;
  TimerTable<K>* clock_timers_ = nullptr;
  std::vector<KeyRef> changed_;  // Keys whose sessions may have early results to show.

  // The cursor of a firing; at rest between elements.
  std::vector<Due> due_;
  std::size_t next_due_ = 0;
};

}  // namespace weir::inline v0::detail
