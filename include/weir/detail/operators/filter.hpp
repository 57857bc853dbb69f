// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "weir/detail/operators/record_operator.hpp"

namespace weir::inline v0::detail {

/// Hands on the records that a predicate accepts: the same memory, with a selection.
template <class T, class F>
class FilterKernel final : public OneOutlet<T> {
 public:
  explicit FilterKernel(F predicate) : predicate_{std::move(predicate)} {}

  void begin(const BatchView<T>& view) {
    if (selection_.size() < view.count) selection_.resize(view.count);
    accepted_ = 0;
    dropped_ = 0;
  }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    std::size_t accepted = accepted_;
    const OnExit keep{[&] {
      cursor = i;
      accepted_ = accepted;
    }};
    std::uint32_t* const selection = selection_.data();
    for (; i < view.count; ++i) {
      const std::uint32_t index = view.index(i);
      selection[accepted] = index;
      accepted += static_cast<bool>(std::invoke(predicate_, view.values[index])) ? 1 : 0;
    }
  }
  void drop(const BatchView<T>&, std::uint32_t) { ++dropped_; }
  bool finish(const BatchView<T>& view) {
    const auto accepted = static_cast<std::uint32_t>(accepted_);
    this->metrics_->filtered.add(view.count - accepted - dropped_);
    const bool is_all = accepted == view.count;
    this->pass({view.owner, view.values, view.times, is_all ? view.selection : selection_.data(),
                accepted});
    return true;
  }

 private:
  const F predicate_;
  std::vector<std::uint32_t> selection_;
  std::size_t accepted_ = 0;
  std::uint32_t dropped_ = 0;
};

template <class T, class F>
using FilterOperator = RecordOperator<T, FilterKernel<T, F>>;

/// Lets user code look at records and hands them on as they are.
template <class T, class F>
class PeekKernel final : public OneOutlet<T> {
 public:
  explicit PeekKernel(F observer) : observer_{std::move(observer)} {}

  void begin(const BatchView<T>&) { dropped_.clear(); }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    const OnExit keep{[&] { cursor = i; }};
    for (; i < view.count; ++i) std::invoke(observer_, view.value(i));
  }
  void drop(const BatchView<T>&, std::uint32_t index) { dropped_.push_back(index); }
  bool finish(const BatchView<T>& view) {
    if (dropped_.empty()) {
      this->pass(view);
      return true;
    }
    selection_.clear();
    auto next_dropped = dropped_.begin();
    for (std::uint32_t i = 0; i < view.count; ++i) {
      if (next_dropped != dropped_.end() && *next_dropped == i) {
        ++next_dropped;
      } else {
        selection_.push_back(view.index(i));
      }
    }
    this->pass({view.owner, view.values, view.times, selection_.data(),
                static_cast<std::uint32_t>(selection_.size())});
    return true;
  }

 private:
  const F observer_;
  std::vector<std::uint32_t> dropped_;
  std::vector<std::uint32_t> selection_;
};

template <class T, class F>
using PeekOperator = RecordOperator<T, PeekKernel<T, F>>;

}  // namespace weir::inline v0::detail
