// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/detail/operators/aggregation_states.hpp"
#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/record_operator.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::detail {

/// Adds a record to the value of its key. If user code throws for the first record of a key, the
/// key is not there.
template <class Bound, class K, class T>
void add_record(const Bound& bound, KeyedTable<K, typename Bound::State>& table, std::uint64_t hash,
                const K& key, const T& record) {
  if constexpr (noexcept(bound.add(std::declval<typename Bound::State&>(), record))) {
    bound.add(table.get_or_create(hash, key, [&] { return bound.make(); }), record);
  } else if (auto* const state = table.find_mutable(hash, key)) {
    bound.add(*state, record);
  } else {
    auto fresh = bound.make();
    bound.add(fresh, record);
    table.get_or_create(hash, key, [&] { return std::move(fresh); });
  }
}

/// One aggregate per key over all records; its changes are the output.
template <class K, class T, class Bound>
class RunningAggregate final : public KeyedOperator<K, T> {
 public:
  using State = typename Bound::State;
  using Result = typename Bound::Result;

  explicit RunningAggregate(Bound bound) : bound_{std::move(bound)} {}

  void connect(std::size_t outlet, Link link) override {
    (outlet == 0 ? changes_.base() : this->letters().base()).connect(link);
  }
  void open(OperatorContext& context) override {
    this->add_outlet(changes_);
    changes_.open(context.metrics());
    KeyedOperator<K, T>::open(context);
    table_ = &context.state().template keyed<K, State>({.name = "aggregate"});
  }
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

 private:
  using View = KeyedView<K, T>;

  void begin(const View& view) override {
    changes_.set_origin(this->origin());
    table_->prefetch(
        view.count, [&](std::size_t i) { return view.hash(static_cast<std::uint32_t>(i)); },
        [&](std::size_t i) -> const K& { return view.key(static_cast<std::uint32_t>(i)); });
  }
  void run(const View& view, std::uint32_t& cursor) override {
    std::uint32_t i = cursor;
    const OnExit keep{[&] { cursor = i; }};
    if (!changes_.is_connected()) {
      for (; i < view.count; ++i) {
        add_record(bound_, *table_, view.hash(i), view.key(i), view.value(i));
      }
    } else {
      for (; i < view.count && !changes_.is_full(); ++i) update(view, i);
    }
  }
  bool has_room() override { return changes_.has_room(); }
  bool work_watermark(EventTime) override { return true; }
  bool work_clock(EventTime) override { return true; }

  void update(const View& view, std::uint32_t i) {
    const K& key = view.key(i);
    const std::uint64_t hash = view.hash(i);
    std::optional<Result> old;
    State* state = table_->find_mutable(hash, key);
    if (state != nullptr) {
      old.emplace(bound_.result(*state));
      bound_.add(*state, view.value(i));
    } else {
      State fresh = bound_.make();
      bound_.add(fresh, view.value(i));
      state = &table_->get_or_create(hash, key, [&] { return std::move(fresh); });
    }
    changes_.emit({key, std::move(old), bound_.result(*state)}, view.time(i));
  }

  const Bound bound_;
  TypedOutlet<Change<K, Result>> changes_;
  KeyedTable<K, State>* table_ = nullptr;
};

}  // namespace weir::inline v0::detail
