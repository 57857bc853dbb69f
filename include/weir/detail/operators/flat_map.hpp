// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/record_operator.hpp"
#include "weir/emitter.hpp"

namespace weir::inline v0::detail {

/// Makes any number of records of each. A batch goes out when it is full, also in the middle of
/// the input; the records of one input record stay together.
template <class In, class Out, class F>
class FlatMapKernel final : public OneOutlet<Out> {
 public:
  explicit FlatMapKernel(F function) : function_{std::move(function)} {}

  void begin(const BatchView<In>&) {}
  void run(const BatchView<In>& view, std::uint32_t& cursor) {
    OwnedBatch<Out>& batch = this->outlet_.building();
    if (batch.values.empty() && view.owner != nullptr) {
      this->outlet_.set_origin(view.owner->origin);
    }
    std::uint32_t i = cursor;
    std::size_t finished = batch.values.size();
    const OnExit keep{[&] {
      cursor = i;
      cut_back(batch.values, finished);  // Of a record that threw, nothing is left.
    }};
    for (; i < view.count && finished < kBatchCapacity; ++i) {
      emit_all(view.value(i), batch);
      finished = batch.values.size();
      if (view.times != nullptr) batch.times.resize(finished, view.time(i));
    }
  }
  void drop(const BatchView<In>&, std::uint32_t) {}
  bool has_room() { return hand_over() && this->outlet_.consumers_ready(); }
  bool finish(const BatchView<In>&) { return hand_over(); }

 private:
  static void cut_back(std::vector<Out>& values, std::size_t size) {
    if (values.size() > size) {
      values.erase(values.begin() + static_cast<std::ptrdiff_t>(size), values.end());
    }
  }
  void emit_all(const In& record, OwnedBatch<Out>& batch) const {
    if constexpr (std::is_invocable_v<const F&, const In&, Emitter<Out>&>) {
      Emitter<Out> emit{batch};
      std::invoke(function_, record, emit);
    } else {
      auto&& range = std::invoke(function_, record);
      for (auto&& value : range) {
        if constexpr (std::is_lvalue_reference_v<decltype(range)>) {
          batch.values.emplace_back(value);
        } else {
          batch.values.emplace_back(std::move(value));
        }
      }
    }
  }
  bool hand_over() {
    if (this->outlet_.is_empty()) return true;
    const std::size_t count = this->outlet_.building().values.size();
    if (!this->outlet_.flush()) return false;
    this->metrics_->records_out.add(count);
    return true;
  }

  const F function_;
};

template <class In, class Out, class F>
using FlatMapOperator = RecordOperator<In, FlatMapKernel<In, Out, F>>;

}  // namespace weir::inline v0::detail
