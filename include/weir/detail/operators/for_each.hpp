// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "weir/detail/operators/record_operator.hpp"

namespace weir::inline v0::detail {

/// Ends a stream in user code. Several tasks share the mutex, so that calls never overlap: the
/// caller's object is then as simple as in a program without threads.
template <class T, class F>
class ForEachKernel final {
 public:
  ForEachKernel(F function, std::shared_ptr<std::mutex> mutex)
      : function_{std::move(function)}, mutex_{std::move(mutex)} {}

  bool connect(std::size_t, Link) { return false; }
  void open(OperatorContext& context) { context_ = &context; }

  void begin(const BatchView<T>&) {}
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    const std::lock_guard lock{*mutex_};
    for (; cursor < view.count; ++cursor) std::invoke(function_, view.value(cursor));
  }
  void drop(const BatchView<T>&, std::uint32_t) {}
  bool finish(const BatchView<T>& view) {
    if (view.owner != nullptr) context_->observe_latency(view.owner->origin.read_at_ns);
    return true;
  }

  bool ready() const { return true; }
  bool can_go_on() const { return true; }
  bool has_room() { return true; }
  bool advance() { return false; }
  void on_watermark(EventTime) {}
  void on_idle(bool) {}
  void on_end() {}
  void on_clock(EventTime) {}
  std::optional<EventTime> next_wake() const { return std::nullopt; }
  void save(ByteWriter&) {}
  void load(ByteReader&) {}

 private:
  const F function_;
  const std::shared_ptr<std::mutex> mutex_;  // Of all tasks of the node; held per batch.
  OperatorContext* context_ = nullptr;
};

template <class T, class F>
using ForEachOperator = RecordOperator<T, ForEachKernel<T, F>>;

}  // namespace weir::inline v0::detail
