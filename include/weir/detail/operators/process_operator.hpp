// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "weir/detail/operators/keyed_operator.hpp"
#include "weir/detail/operators/process_host.hpp"
#include "weir/detail/operators/side_outlets.hpp"
#include "weir/timer.hpp"

namespace weir::inline v0::detail {

/// Runs a user's KeyedProcess over one shard.
template <class K, class T, class P>
class ProcessOperator final : public KeyedOperator<K, T> {
 public:
  template <class... Argument>
  explicit ProcessOperator(const SideDeclarations& sides, const Argument&... arguments)
      : sides_{sides}, process_{std::make_unique<P>(arguments...)} {}

  void connect(std::size_t outlet, Link link) override {
    if (outlet == 0) return host().results().base().connect(link);
    if (outlet == 1) return this->letters().base().connect(link);
    sides_.find(outlet)->base().connect(link);
  }
  void open(OperatorContext& context) override {
    this->add_outlet(host().results());
    sides_.for_each([this](AnyOutlet& outlet) { this->add_outlet(outlet); });
    host().results().open(context.metrics());
    KeyedOperator<K, T>::open(context);
    host().open(context.state(), sides_);
    host().set_watermark(context.watermark());
    host().set_now(context.now());
  }
  void on_barrier(CheckpointId, ByteWriter& out) override { out.zigzag(host().watermark().ms()); }
  void load(ByteReader& in) override { host().set_watermark(EventTime{in.zigzag()}); }

 private:
  using View = KeyedView<K, T>;

  auto& host() const noexcept { return process_->host(); }

  void begin(const View& view) override {
    host().results().set_origin(this->origin());
    host().set_now(this->context().now());
    if (!host().has_cells()) return;
    keys_.clear();
    for (std::uint32_t i = 0; i < view.count; ++i) keys_.push_back({view.hash(i), &view.key(i)});
    host().prefetch(keys_);
  }
  bool has_room() override {
    bool has_room = host().results().has_room();
    sides_.for_each([&](AnyOutlet& outlet) { has_room &= outlet.has_room(); });
    return has_room;
  }
  bool is_full() {
    bool is_full = host().results().is_full();
    sides_.for_each([&](AnyOutlet& outlet) { is_full |= outlet.is_full(); });
    return is_full;
  }
  void run(const View& view, std::uint32_t& cursor) override {
    for (; cursor < view.count && !is_full(); ++cursor) {
      host().take(view.hash(cursor), view.key(cursor), view.time(cursor));
      process_->on_record(view.value(cursor));
    }
  }

  bool work_watermark(EventTime watermark) override {
    host().set_watermark(watermark);
    return fire(host().timers(), watermark, weir::Timer::Kind::event_time);
  }
  bool work_clock(EventTime now) override {
    host().set_now(now);
    return fire(host().clock_timers(), now, weir::Timer::Kind::processing_time);
  }
  /// One timer after the other, in the order of their times; those set meanwhile included.
  bool fire(TimerTable<K>& timers, EventTime reached, weir::Timer::Kind kind) {
    for (std::size_t budget = kUnitsPerStep; budget > 0; --budget) {
      if (!has_room()) return false;
      std::optional<Timer<K>> timer = timers.pop_due(reached);
      if (!timer) return true;
      host().take(timer->hash, timer->key, timer->time);
      const std::optional<weir::Timer> due = host().due(*timer, reached, kind);
      if (!due) continue;
      host().take(timer->hash, timer->key, due->time);
      this->run_guarded([&] { process_->on_timer(*due); });
    }
    return false;
  }
  std::optional<EventTime> wake_at() const override { return host().clock_timers().next(); }

  SideOutlets sides_;
  std::unique_ptr<P> process_;
  std::vector<KeyAtHand<K>> keys_;  // Of the batch at hand.
};

}  // namespace weir::inline v0::detail
