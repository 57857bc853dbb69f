// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/operator.hpp"
#include "weir/detail/operators/record_errors.hpp"

namespace weir::inline v0::detail {

/// An operator that runs user code over records. What it does with them is its kernel's business;
/// what happens when user code throws, and when a batch cannot be finished, is decided here.
///
/// A kernel has, beside what OneOutlet gives it:
///   begin(view)        a new batch
///   run(view, cursor)  records from `cursor` on; leaves `cursor` at the one whose user code threw,
///                      with nothing of it in the output, or stops early when has_room() is false
///   drop(view, index)  this record was given up
///   finish(view)       hands over what is left; returns whether nothing is; called again if not
/// and, if it has to know:
///   barrier(id)        before save()
template <class In, class Kernel>
class RecordOperator final : public Operator, public Receiver<In> {
 public:
  template <class... Part>
  explicit RecordOperator(Part&&... parts) : kernel_{std::forward<Part>(parts)...} {}

  ReceiverBase* receiver(std::size_t) override { return this; }
  /// The last outlet has the dead letters.
  void connect(std::size_t outlet, Link link) override {
    if (!kernel_.connect(outlet, link)) errors_.letters().connect(link);
  }
  void open(OperatorContext& context) override {
    metrics_ = &context.metrics();
    errors_.open(context);
    kernel_.open(context);
  }

  bool ready() const override { return !is_suspended_ && kernel_.ready() && errors_.ready(); }
  void on_batch(const BatchView<In>& view) override {
    metrics_->records_in.add(view.count);
    cursor_ = 0;
    errors_.begin_batch();
    kernel_.begin(view);
    if (work(view)) return;
    held_ = HeldView<In>{view};
    is_suspended_ = true;
  }
  bool advance() override {
    if (!is_suspended_) return kernel_.advance();
    if (!kernel_.can_go_on() || !errors_.ready() || errors_.is_waiting()) return false;
    if (work(held_.view())) {
      is_suspended_ = false;
      held_ = {};
    }
    return true;
  }

  void on_watermark(EventTime watermark) override {
    errors_.letters().watermark(watermark);
    kernel_.on_watermark(watermark);
  }
  void on_idle(bool is_idle) override {
    errors_.letters().idle(is_idle);
    kernel_.on_idle(is_idle);
  }
  void on_end() override {
    errors_.letters().end();
    kernel_.on_end();
  }
  void on_clock(EventTime now) override { kernel_.on_clock(now); }
  std::optional<EventTime> next_wake() const override {
    return errors_.wake_at() ? errors_.wake_at() : kernel_.next_wake();
  }
  void on_barrier(CheckpointId checkpoint, ByteWriter& out) override {
    if constexpr (requires { kernel_.barrier(checkpoint); }) kernel_.barrier(checkpoint);
    kernel_.save(out);
  }
  void load(ByteReader& in) override { kernel_.load(in); }

 private:
  /// Returns whether the batch is finished.
  bool work(const BatchView<In>& view) {
    for (;;) {
      attempt(view);
      if (errors_.wake_at()) return false;
      if (cursor_ == view.count) break;
      if (!kernel_.has_room()) return false;
    }
    return errors_.flush() && kernel_.finish(view);
  }
  /// Only user code is in reach of this handler: batches are handed over outside of it.
  void attempt(const BatchView<In>& view) {
    try {
      kernel_.run(view, cursor_);
    } catch (...) {
      give_up_or_retry(view);
    }
  }
  [[gnu::cold, gnu::noinline]] void give_up_or_retry(const BatchView<In>& view) {
    const Origin* origin = view.owner != nullptr ? &view.owner->origin : nullptr;
    const auto verdict = errors_.judge(origin, view.index(cursor_));
    using Verdict = RecordErrors::Verdict;
    if (verdict == Verdict::retry || verdict == Verdict::wait) return;
    if (verdict == Verdict::dead_letter) {
      errors_.add_letter(letter_bytes(view.value(cursor_)), view.time(cursor_));
    }
    kernel_.drop(view, cursor_++);
  }

  Kernel kernel_;
  RecordErrors errors_;
  NodeMetrics* metrics_ = nullptr;
  bool is_suspended_ = false;
  std::uint32_t cursor_ = 0;  // Of the batch at hand or held.
  HeldView<In> held_;
};

/// The part of a kernel that has one outlet and hands time on as it comes.
template <class Out>
class OneOutlet {
 public:
  bool connect(std::size_t outlet, Link link) {
    if (outlet != 0) return false;
    outlet_.connect(link);
    return true;
  }
  void open(OperatorContext& context) { metrics_ = &context.metrics(); }
  bool ready() const { return outlet_.consumers_ready(); }
  /// False while a suspended batch has to wait for consumers.
  bool can_go_on() const { return outlet_.consumers_ready(); }
  bool has_room() { return true; }
  bool advance() { return false; }
  void on_watermark(EventTime watermark) { outlet_.watermark(watermark); }
  void on_idle(bool is_idle) { outlet_.idle(is_idle); }
  void on_end() { outlet_.end(); }
  void on_clock(EventTime) {}
  std::optional<EventTime> next_wake() const { return std::nullopt; }
  void save(ByteWriter&) {}
  void load(ByteReader&) {}

 protected:
  void pass(const BatchView<Out>& view) {
    metrics_->records_out.add(view.count);
    outlet_.pass(view);
  }

  Outlet<Out> outlet_;
  NodeMetrics* metrics_ = nullptr;
};

/// Calls a function when it goes out of scope, also while an exception unwinds: loops keep their
/// counters in registers and write them back here.
template <class F>
class OnExit final {
 public:
  explicit OnExit(F function) : function_{std::move(function)} {}
  OnExit(const OnExit&) = delete;
  OnExit& operator=(const OnExit&) = delete;
  ~OnExit() { function_(); }

 private:
  F function_;
};

}  // namespace weir::inline v0::detail
