// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/detail/operators/any_outlet.hpp"
#include "weir/detail/operators/side_outlets.hpp"
#include "weir/detail/operators/state_cells.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/punctuation.hpp"
#include "weir/state.hpp"
#include "weir/timer.hpp"

namespace weir::inline v0::detail {

/// A repetition that is on for a key.
struct Repetition {
  Duration interval{0};
  EventTime first;
  EventTime next;
};

/// In front of the name of a timer that belongs to a repetition.
inline constexpr char kRepetitionMark = '\x01';

/// What a process sees of its shard: declared state, the key at hand, timers, outlets.
template <class K, class Out>
class ProcessHost final {
 public:
  // --- for the process -------------------------------------------------------------------------

  template <class CellType>
  CellType& declare(std::string name, std::optional<Ttl> ttl) {
    has_ttl_ |= ttl.has_value();
    auto cell =
        std::make_unique<CellType>(TableSpec{.name = "state " + std::move(name), .ttl = ttl});
    CellType& declared = *cell;
    cells_.push_back(std::move(cell));
    return declared;
  }
  const K& key() const noexcept { return *at_hand_.key; }
  EventTime time() const noexcept { return time_; }
  EventTime watermark() const noexcept { return watermark_; }
  EventTime now() const noexcept { return now_; }

  void emit(Out result, EventTime time) { results_.emit(std::move(result), time); }
  template <class U>
  void emit_side(const SideOutput<U>& side, U record, EventTime time) {
    if (TypedOutlet<U>* const outlet = sides_->find(side)) outlet->emit(std::move(record), time);
  }

  void set_timer(EventTime time, std::string_view name) {
    timers_->set(at_hand_.hash, key(), time, name);
  }
  void erase_timer(EventTime time, std::string_view name) {
    timers_->erase(at_hand_.hash, key(), time, name);
  }
  void set_clock_timer(EventTime time, std::string_view name) {
    clock_timers_->set(at_hand_.hash, key(), time, name);
  }
  void erase_clock_timer(EventTime time, std::string_view name) {
    clock_timers_->erase(at_hand_.hash, key(), time, name);
  }
  void start_every(const PunctuationOptions& options, std::string_view name) {
    const std::string marked = mark(name);
    if (repetitions_->find(at_hand_.hash, key(), marked) != nullptr) return;
    repetitions_->get_or_create(at_hand_.hash, key(), marked) = {options.interval, options.first,
                                                                 options.first};
    set_timer(options.first, marked);
  }
  void cancel_every(std::string_view name) {
    const std::string marked = mark(name);
    const Repetition* const on = repetitions_->find(at_hand_.hash, key(), marked);
    if (on == nullptr) return;
    erase_timer(on->next, marked);
    repetitions_->erase(at_hand_.hash, key(), marked);
  }

  // --- for the operator ------------------------------------------------------------------------

  void open(StateAccess& state, SideOutlets& sides) {
    state_ = &state;
    sides_ = &sides;
    for (const auto& cell : cells_) cell->open(state, at_hand_);
    timers_ = &state.template timers<K>({.name = "timers"});
    clock_timers_ = &state.template timers<K>({.name = "clock timers"});
    repetitions_ = &state.template map<K, std::string, Repetition>({.name = "repetitions"});
  }
  void prefetch(const std::vector<KeyAtHand<K>>& keys) {
    for (const auto& cell : cells_) cell->prefetch(keys);
  }
  bool has_cells() const noexcept { return !cells_.empty(); }
  void set_watermark(EventTime watermark) noexcept { watermark_ = watermark; }
  void set_now(EventTime now) noexcept { now_ = now; }
  void take(std::uint64_t hash, const K& key, EventTime time) {
    at_hand_ = {hash, &key};
    time_ = time;
    if (has_ttl_) state_->set_element_time(time);
  }
  /// What a timer that has gone off is to the process, at time `reached`; repetitions are set anew.
  /// Nothing: a repetition that was cancelled.
  std::optional<weir::Timer> due(Timer<K>& timer, EventTime reached, weir::Timer::Kind kind) {
    const bool is_repetition = !timer.name.empty() && timer.name.front() == kRepetitionMark;
    if (!is_repetition) return weir::Timer{timer.time, std::move(timer.name), kind};
    Repetition* const on = repetitions_->find_mutable(timer.hash, timer.key, timer.name);
    if (on == nullptr) return std::nullopt;
    Punctuation punctuation{{.interval = on->interval, .first = on->first}};
    punctuation.reach(reached);
    on->next = punctuation.next();
    if (on->next > reached) timers_->set(timer.hash, timer.key, on->next, timer.name);
    return weir::Timer{reached, timer.name.substr(1), kind};
  }
  TimerTable<K>& timers() noexcept { return *timers_; }
  TimerTable<K>& clock_timers() const noexcept { return *clock_timers_; }
  TypedOutlet<Out>& results() noexcept { return results_; }

 private:
  static std::string mark(std::string_view name) {
    std::string marked{kRepetitionMark};
    marked += name;
    return marked;
  }

  std::vector<std::unique_ptr<DeclaredCell<K>>> cells_;
  bool has_ttl_ = false;
  TypedOutlet<Out> results_;
  // Set in open().
  StateAccess* state_ = nullptr;
  SideOutlets* sides_ = nullptr;
  TimerTable<K>* timers_ = nullptr;
  TimerTable<K>* clock_timers_ = nullptr;
  MapTable<K, std::string, Repetition>* repetitions_ = nullptr;
  // What is at hand.
  KeyAtHand<K> at_hand_;
  EventTime time_;
  EventTime watermark_ = EventTime::min();
  EventTime now_ = EventTime::min();
};

}  // namespace weir::inline v0::detail
