// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "weir/detail/operators/record_operator.hpp"

namespace weir::inline v0::detail {

/// Hands each record to the outlet of the first predicate that accepts it, or to the last outlet.
/// All outlets share the memory of the batch.
template <class T, class... F>
class BranchKernel final {
 public:
  static constexpr std::size_t kOutlets = sizeof...(F) + 1;

  explicit BranchKernel(std::tuple<F...> predicates) : predicates_{std::move(predicates)} {}

  bool connect(std::size_t outlet, Link link) {
    if (outlet >= kOutlets) return false;
    outlets_[outlet].connect(link);
    return true;
  }
  void open(OperatorContext& context) { metrics_ = &context.metrics(); }

  void begin(const BatchView<T>&) {
    for (auto& selection : selections_) selection.clear();
  }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    const OnExit keep{[&] { cursor = i; }};
    for (; i < view.count; ++i) selections_[choose(view.value(i))].push_back(view.index(i));
  }
  void drop(const BatchView<T>&, std::uint32_t) {}
  bool finish(const BatchView<T>& view) {
    for (std::size_t outlet = 0; outlet < kOutlets; ++outlet) {
      const std::vector<std::uint32_t>& selection = selections_[outlet];
      const auto count = static_cast<std::uint32_t>(selection.size());
      const bool is_consumed = outlets_[outlet].is_connected();
      (is_consumed ? metrics_->records_out : metrics_->filtered).add(count);
      outlets_[outlet].pass({view.owner, view.values, view.times, selection.data(), count});
    }
    return true;
  }

  bool ready() const {
    for (const auto& outlet : outlets_) {
      if (!outlet.consumers_ready()) return false;
    }
    return true;
  }
  bool can_go_on() const { return ready(); }
  bool has_room() { return true; }
  bool advance() { return false; }
  void on_watermark(EventTime watermark) {
    for (const auto& outlet : outlets_) outlet.watermark(watermark);
  }
  void on_idle(bool is_idle) {
    for (const auto& outlet : outlets_) outlet.idle(is_idle);
  }
  void on_end() {
    for (const auto& outlet : outlets_) outlet.end();
  }
  void on_clock(EventTime) {}
  std::optional<EventTime> next_wake() const { return std::nullopt; }
  void save(ByteWriter&) {}
  void load(ByteReader&) {}

 private:
  std::size_t choose(const T& record) const {
    return std::apply(
        [&](const F&... predicate) {
          std::size_t chosen = 0;
          const bool is_taken =
              ((static_cast<bool>(std::invoke(predicate, record)) || (++chosen, false)) || ...);
          return is_taken ? chosen : kOutlets - 1;
        },
        predicates_);
  }

  const std::tuple<F...> predicates_;
  std::array<Outlet<T>, kOutlets> outlets_;
  std::array<std::vector<std::uint32_t>, kOutlets> selections_;
  NodeMetrics* metrics_ = nullptr;
};

template <class T, class... F>
using BranchOperator = RecordOperator<T, BranchKernel<T, F...>>;

}  // namespace weir::inline v0::detail
