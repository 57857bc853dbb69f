// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/callables.hpp"
#include "weir/detail/operators/record_operator.hpp"
#include "weir/detail/operators/split_time.hpp"
#include "weir/event_time.hpp"

namespace weir::inline v0::detail {

/// Selects the time that records bring along from their source.
struct OwnTime {};

/// Thrown for a record without a usable time; user code's own exceptions count as well.
[[noreturn]] WEIR_API void throw_no_time();

/// Times beside the records of another batch.
class TimesBatch final : public BatchBase {
 public:
  Ref<BatchBase> source;
  std::vector<EventTime> times;  ///< By the record's index in the source.
};

/// Gives records their event time and says how far it has come: starts the watermarks of a split.
/// What time the input had is forgotten, but for its end.
template <class T, class F>
class EventTimeKernel final : public OneOutlet<T> {
 public:
  EventTimeKernel(F selector, const EventTimeOptions<T>& options)
      : selector_{std::move(selector)},
        time_{options.max_disorder, options.idle_after},
        is_per_record_{options.per_record},
        generator_{options.generator ? options.generator() : nullptr} {
    if (generator_) is_per_record_ = is_per_record_ || generator_->is_per_record();
  }

  void open(OperatorContext& context) {
    OneOutlet<T>::open(context);
    time_.open(context);
    if (generator_ && generator_->period()) next_period_ = context.now() + *generator_->period();
  }
  bool ready() const { return time_.is_settled() && this->outlet_.consumers_ready(); }
  bool advance() { return !time_.is_settled() && time_.deliver(this->outlet_); }

  void begin(const BatchView<T>& view) {
    time_.on_activity();
    dropped_.clear();
    kept_.clear();
    latest_ = EventTime::min();
    passed_ = 0;
    is_complete_ = false;
    if constexpr (kHasSelector) {
      times_ = pool_.take();
      times_->source = Ref<BatchBase>::share(view.owner);
      if (view.count > 0) resize_times(view.index(view.count - 1) + std::size_t{1});
    }
  }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    EventTime latest = latest_;
    const OnExit keep{[&] {
      cursor = i;
      latest_ = latest;
    }};
    for (; i < view.count; ++i) {
      const EventTime time = time_of(view, i);
      if (time > latest) latest = time;
    }
  }
  void drop(const BatchView<T>&, std::uint32_t index) { dropped_.push_back(index); }

  bool finish(const BatchView<T>& view) {
    if (!is_complete_) complete(view);
    const BatchView<T> timed = timed_view(view);
    for (;;) {
      if (!time_.deliver(this->outlet_)) return false;
      if (passed_ == timed.count) break;
      if (!this->outlet_.consumers_ready()) return false;
      pass_next(timed);
    }
    times_ = {};
    return true;
  }

  void on_watermark(EventTime watermark) {
    if (watermark != EventTime::max()) return;
    time_.on_activity();
    time_.advance(watermark);
    time_.deliver(this->outlet_);
  }
  void on_idle(bool is_idle) {
    time_.on_input_idle(is_idle);
    time_.deliver(this->outlet_);
  }
  void on_end() {
    time_.end();
    time_.deliver(this->outlet_);
  }
  void on_clock(EventTime now) {
    time_.on_clock(now);
    if (next_period_ && now >= *next_period_) {
      generator_->on_clock(now);
      next_period_ = now + *generator_->period();
      time_.advance(generator_->watermark());
    }
    time_.deliver(this->outlet_);
  }
  std::optional<EventTime> next_wake() const {
    const std::optional<EventTime> idle = time_.next_wake();
    return !next_period_ || (idle && *idle < *next_period_) ? idle : next_period_;
  }
  void save(ByteWriter& out) {
    time_.save(out);
    if (generator_) generator_->save(out);
  }
  void load(ByteReader& in) {
    time_.load(in);
    if (generator_) generator_->load(in);
  }

 private:
  static constexpr bool kHasSelector = !std::is_same_v<F, OwnTime>;

  void resize_times(std::size_t count) {
    if (times_->times.size() < count) times_->times.resize(count);
  }
  EventTime time_of(const BatchView<T>& view, std::uint32_t i) {
    const std::uint32_t index = view.index(i);
    if constexpr (kHasSelector) {
      return times_->times[index] = checked(std::invoke(selector_, view.values[index]));
    } else {
      if (view.times == nullptr) throw_no_time();
      return view.times[index];
    }
  }
  template <class Time>
  static EventTime checked(const Time& time) {
    return to_event_time(time);
  }
  template <class Time>
  static EventTime checked(const std::optional<Time>& time) {
    if (!time) throw_no_time();
    return to_event_time(*time);
  }

  /// All times are known: what is left of the batch, and where watermarks come in it.
  void complete(const BatchView<T>& view) {
    is_complete_ = true;
    if constexpr (kHasSelector) {
      if (view.owner != nullptr) times_->origin = view.owner->origin;
      if (view.owner != nullptr) times_->bytes = view.owner->bytes;
      times_->records = view.count;
    }
    if (dropped_.empty() && !is_per_record_) return;
    auto next_dropped = dropped_.begin();
    for (std::uint32_t i = 0; i < view.count; ++i) {
      if (next_dropped != dropped_.end() && *next_dropped == i) {
        ++next_dropped;
      } else {
        kept_.push_back(view.index(i));
      }
    }
  }
  BatchView<T> timed_view(const BatchView<T>& view) const {
    BatchView<T> timed = view;
    if constexpr (kHasSelector) {
      timed.owner = times_.get();
      timed.times = times_->times.data();
    }
    if (!dropped_.empty() || is_per_record_) {
      timed.selection = kept_.data();
      timed.count = static_cast<std::uint32_t>(kept_.size());
    }
    return timed;
  }
  /// One batch, or the records up to the next watermark inside it.
  void pass_next(const BatchView<T>& timed) {
    std::uint32_t end = passed_;
    const EventTime before = time_.watermark();
    EventTime watermark = before;
    if (is_per_record_) {
      while (end < timed.count && watermark <= before) watermark = observe(timed, end++);
    } else {
      end = timed.count;
      watermark = observe_all(timed);
    }
    const std::uint32_t begin = std::exchange(passed_, end);
    this->pass({timed.owner, timed.values, timed.times,
                timed.selection == nullptr ? nullptr : timed.selection + begin, end - begin});
    time_.advance(watermark);
  }
  EventTime observe(const BatchView<T>& timed, std::uint32_t i) {
    if (!generator_) return time_.observe(timed.time(i));
    generator_->on_record(timed.value(i), timed.time(i));
    return generator_->watermark();
  }
  EventTime observe_all(const BatchView<T>& timed) {
    if (!generator_) return time_.observe(latest_);
    for (std::uint32_t i = 0; i < timed.count; ++i) {
      generator_->on_record(timed.value(i), timed.time(i));
    }
    return generator_->watermark();
  }

  const F selector_;
  SplitTime time_;
  bool is_per_record_;
  std::unique_ptr<WatermarkGenerator<T>> generator_;
  std::optional<EventTime> next_period_;
  BatchPool<TimesBatch> pool_;
  // Of the batch at hand.
  Ref<TimesBatch> times_;
  std::vector<std::uint32_t> dropped_;
  std::vector<std::uint32_t>
      kept_;  // Indices, if they differ from the view's or are passed singly.
  EventTime latest_ = EventTime::min();
  std::uint32_t passed_ = 0;
  bool is_complete_ = false;
};

template <class T, class F>
using EventTimeOperator = RecordOperator<T, EventTimeKernel<T, F>>;

}  // namespace weir::inline v0::detail
