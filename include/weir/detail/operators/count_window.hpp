// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/aggregation_states.hpp"
#include "weir/detail/operators/any_outlet.hpp"
#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/late_records.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/record.hpp"
#include "weir/windows.hpp"

namespace weir::inline v0::detail {

/// An aggregation that cannot merge, for windows that have to: keeps the records and aggregates
/// them at the end.
template <class T, class Bound>
struct Replayed {
  using State = std::vector<T>;
  Bound bound;

  State make() const { return {}; }
  void add(State& state, const T& record) const { state.push_back(record); }
  void merge(State& state, const State& other) const {
    state.insert(state.end(), other.begin(), other.end());
  }
  template <class K>
  auto result(const K& key, const Window& window, const State& records) const {
    auto whole = bound.make();
    for (const T& record : records) bound.add(whole, record);
    return result_at(bound, key, window, whole);
  }
};

/// Some neighbouring records of a key.
template <class State>
struct CountChunk {
  State state;
  std::uint64_t count = 0;
  EventTime first = EventTime::max();
  EventTime last = EventTime::min();
};

/// The latest records of a key.
template <class State>
struct CountState {
  std::vector<CountChunk<State>> chunks;
  std::uint64_t since_result = 0;
};

/// Windows of the last `size` records, with a result after every `every`; they share chunks of
/// gcd(size, every) records.
template <class K, class T, class Bound>
class CountWindow final : public KeyedOperator<K, T> {
 public:
  using Inner = std::conditional_t<can_merge<Bound>, Bound, Replayed<T, Bound>>;
  using State = typename Inner::State;
  using Cell = CountState<State>;
  using Result = Windowed<K, ResultAt<Bound, K>>;

  CountWindow(const CountWindows& windows, Bound bound)
      : every_{windows.every()},
        chunk_size_{std::gcd(windows.size(), windows.every())},
        chunk_count_max_{windows.size() / chunk_size_},
        bound_{inner(std::move(bound))} {}

  void connect(std::size_t outlet, Link link) override {
    if (outlet == 0) return results_.base().connect(link);
    (outlet == 1 ? this->letters().base() : late_.base()).connect(link);
  }
  void open(OperatorContext& context) override {
    this->add_outlet(results_);
    this->add_outlet(late_);
    results_.open(context.metrics());
    KeyedOperator<K, T>::open(context);
    table_ = &context.state().template keyed<K, Cell>({.name = "windows"});
  }
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

 private:
  using View = KeyedView<K, T>;

  static Inner inner(Bound bound) { return Inner{std::move(bound)}; }

  void begin(const View&) override { results_.set_origin(this->origin()); }
  bool has_room() override { return results_.has_room(); }
  bool work_watermark(EventTime) override { return true; }
  bool work_clock(EventTime) override { return true; }
  void run(const View& view, std::uint32_t& cursor) override {
    for (; cursor < view.count && !results_.is_full(); ++cursor) {
      const K& key = view.key(cursor);
      Cell& cell = table_->get_or_create(view.hash(cursor), key);
      add(cell, view.value(cursor), view.time(cursor));
      if (cell.since_result == every_) {
        cell.since_result = 0;
        this->run_guarded([&] { emit(key, cell); });
      }
    }
  }

  void add(Cell& cell, const T& record, EventTime time) {
    const bool needs_chunk = cell.chunks.empty() || cell.chunks.back().count == chunk_size_;
    if (needs_chunk) {
      CountChunk<State> fresh{bound_.make()};
      bound_.add(fresh.state, record);
      if (cell.chunks.size() == chunk_count_max_) cell.chunks.erase(cell.chunks.begin());
      cell.chunks.push_back(std::move(fresh));
    } else {
      bound_.add(cell.chunks.back().state, record);
    }
    CountChunk<State>& chunk = cell.chunks.back();
    ++chunk.count;
    chunk.first = std::min(chunk.first, time);
    chunk.last = std::max(chunk.last, time);
    ++cell.since_result;
  }
  void emit(const K& key, const Cell& cell) {
    CountChunk<State> whole = cell.chunks.front();
    for (std::size_t i = 1; i < cell.chunks.size(); ++i) {
      bound_.merge(whole.state, cell.chunks[i].state);
      whole.first = std::min(whole.first, cell.chunks[i].first);
      whole.last = std::max(whole.last, cell.chunks[i].last);
    }
    const Window window{whole.first, whole.last + Duration{1}};
    results_.emit({key, result_at(bound_, key, window, whole.state), window.start, window.end, {}},
                  whole.last);
  }

  const std::uint64_t every_;
  const std::uint64_t chunk_size_;
  const std::uint64_t chunk_count_max_;
  const Inner bound_;
  TypedOutlet<Result> results_;
  TypedOutlet<Late<K, T>> late_;  // Other windows have one; here nothing is ever late.
  KeyedTable<K, Cell>* table_ = nullptr;
};

}  // namespace weir::inline v0::detail
