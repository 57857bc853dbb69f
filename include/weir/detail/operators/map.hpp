// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/record_operator.hpp"

namespace weir::inline v0::detail {

/// Makes one record of each, into a batch of its own.
template <class In, class Out, class F>
class MapKernel final : public OneOutlet<Out> {
 public:
  explicit MapKernel(F function) : function_{std::move(function)} {}

  void begin(const BatchView<In>& view) {
    batch_ = pool_.take();
    batch_->clear();
    batch_->values.reserve(view.count);
    dropped_.clear();
  }
  void run(const BatchView<In>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    const OnExit keep{[&] { cursor = i; }};
    std::vector<Out>& values = batch_->values;
    for (; i < view.count; ++i) append(values, view.value(i));
  }
  void drop(const BatchView<In>&, std::uint32_t index) { dropped_.push_back(index); }
  bool finish(const BatchView<In>& view) {
    if (view.times != nullptr) copy_times(view);
    if (view.owner != nullptr) {
      batch_->origin = view.owner->origin;
      batch_->origin.is_exact &= view.selection == nullptr && dropped_.empty();
    }
    batch_->bytes = batch_->values.size() * sizeof(Out);
    batch_->records = static_cast<std::uint32_t>(batch_->values.size());
    const Ref<OwnedBatch<Out>> batch = std::move(batch_);
    this->pass(batch->view());
    return true;
  }

 private:
  /// Converts to what the function returns: the vector then has it made in place, without a move.
  struct Returned {
    operator Out() const { return std::invoke(function, record); }  // NOLINT: conversion is wanted.
    const F& function;
    const In& record;
  };
  void append(std::vector<Out>& values, const In& record) const {
    if constexpr (std::is_aggregate_v<Out> &&
                  std::is_same_v<Out, std::invoke_result_t<const F&, const In&>>) {
      values.emplace_back(Returned{function_, record});
    } else {
      values.push_back(std::invoke(function_, record));
    }
  }

  void copy_times(const BatchView<In>& view) {
    std::vector<EventTime>& times = batch_->times;
    if (view.selection == nullptr && dropped_.empty()) {
      times.assign(view.times, view.times + view.count);
      return;
    }
    times.reserve(view.count);
    auto next_dropped = dropped_.begin();
    for (std::uint32_t i = 0; i < view.count; ++i) {
      if (next_dropped != dropped_.end() && *next_dropped == i) {
        ++next_dropped;
      } else {
        times.push_back(view.time(i));
      }
    }
  }

  const F function_;
  BatchPool<OwnedBatch<Out>> pool_;
  Ref<OwnedBatch<Out>> batch_;
  std::vector<std::uint32_t> dropped_;
};

template <class In, class Out, class F>
using MapOperator = RecordOperator<In, MapKernel<In, Out, F>>;

}  // namespace weir::inline v0::detail
