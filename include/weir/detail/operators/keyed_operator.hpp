// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "weir/detail/operators/record_errors.hpp"
#include "weir/detail/operators/stepped_operator.hpp"

namespace weir::inline v0::detail {

/// The outlet for dead letters, beside the typed ones of an operator.
class LetterOutlet final : public AnyOutlet {
 public:
  explicit LetterOutlet(RecordErrors& errors) noexcept : errors_{errors} {}
  OutletBase& base() noexcept override { return errors_.letters(); }
  bool flush() override { return errors_.flush(); }
  bool is_full() override { return false; }

 private:
  RecordErrors& errors_;
};

/// An operator over records under keys, of one shard: runs user code over batches, decides what
/// happens when it throws, and goes on in the middle of a batch.
///
/// Subclasses have `run(view, cursor)`, as a RecordOperator's kernel does: it works on records from
/// `cursor` on, leaves `cursor` at the one whose user code threw, and stops early when the output
/// is full. Batches are handed over outside of it, in has_room().
template <class K, class T>
class KeyedOperator : public SteppedOperator, public KeyedReceiver<K, T> {
 public:
  ReceiverBase* receiver(std::size_t) final { return this; }
  void open(OperatorContext& context) override {
    context_ = &context;
    metrics_ = &context.metrics();
    errors_.open(context);
    add_outlet(letters_);
  }
  void on_keyed_batch(const KeyedView<K, T>& batch) final {
    metrics_->records_in.add(batch.count);
    view_ = batch;
    cursor_ = 0;
    origin_ = batch.batch->origin;
    origin_.is_exact = false;
    errors_.begin_batch();
    begin(view_);
    start_batch();
    if (is_suspended()) held_ = Ref<KeyedBatch<K, T>>::share(batch.batch);
  }
  std::optional<EventTime> next_wake() const final {
    const std::optional<EventTime> wanted = wake_at();
    const std::optional<EventTime> retry = errors_.wake_at();
    if (!wanted || (retry && *retry < *wanted)) return retry;
    return wanted;
  }

 protected:
  using View = KeyedView<K, T>;

  /// A new batch.
  virtual void begin(const View&) {}
  virtual void run(const View& view, std::uint32_t& cursor) = 0;
  /// The record that `cursor` was left at is given up.
  virtual void drop_record() {}
  /// True when the next record may emit; hands over full batches on the way.
  virtual bool has_room() = 0;
  virtual std::optional<EventTime> wake_at() const { return std::nullopt; }

  /// Runs user code that belongs to no record at hand - a result, a timer. Returns whether it
  /// went through; if not, the policy of the node was to go on without. Tries are made at once.
  template <class F>
  bool run_guarded(const F& code) {
    for (;;) {
      try {
        code();
        return true;
      } catch (...) {
        const auto verdict = errors_.judge(nullptr, 0);
        if (verdict == RecordErrors::Verdict::skip) return false;
        if (verdict == RecordErrors::Verdict::dead_letter) {
          errors_.add_letter({}, EventTime::min());
          return false;
        }
      }
    }
  }

  OperatorContext& context() const noexcept { return *context_; }
  NodeMetrics& metrics() const noexcept { return *metrics_; }
  const Origin& origin() const noexcept { return origin_; }
  LetterOutlet& letters() noexcept { return letters_; }

 private:
  bool work_batch() final {
    for (;;) {
      attempt();
      if (errors_.wake_at()) return false;
      if (cursor_ == view_.count) return true;
      if (!has_room()) return false;
    }
  }
  void finish_batch() final {
    held_ = {};
    view_ = {};
  }
  bool may_go_on() final { return !errors_.is_waiting(); }

  /// Only user code is in reach of this handler.
  void attempt() {
    try {
      run(view_, cursor_);
    } catch (...) {
      give_up_or_retry();
    }
  }
  [[gnu::cold, gnu::noinline]] void give_up_or_retry() {
    using Verdict = RecordErrors::Verdict;
    const std::uint32_t index = view_.batch->order[view_.begin + cursor_];
    const auto verdict = errors_.judge(&view_.batch->origin, index);
    if (verdict == Verdict::retry || verdict == Verdict::wait) return;
    if (verdict == Verdict::dead_letter) {
      errors_.add_letter(letter_bytes(view_.value(cursor_)), view_.time(cursor_));
    }
    drop_record();
    ++cursor_;
  }

  OperatorContext* context_ = nullptr;
  NodeMetrics* metrics_ = nullptr;
  RecordErrors errors_;
  LetterOutlet letters_{errors_};
  // The batch at hand; held when suspended.
  View view_;
  Ref<KeyedBatch<K, T>> held_;
  std::uint32_t cursor_ = 0;
  Origin origin_;
};

}  // namespace weir::inline v0::detail
