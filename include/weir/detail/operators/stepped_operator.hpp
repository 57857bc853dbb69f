// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/operator.hpp"
#include "weir/detail/operators/any_outlet.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// How many results an operator makes at most before it lets others have their turn.
inline constexpr std::size_t kUnitsPerStep = 8 * kBatchCapacity;

/// An operator that may suspend anywhere inside an element, and keeps to the order of things: all
/// work of an element, then its output, then the news about time that it was.
///
/// Subclasses do the work in work_*(): each returns true when the element is finished, false when
/// the output is full or its share of the step is used up, and is called again then.
class WEIR_API SteppedOperator : public Operator {
 public:
  bool ready() const final;
  bool advance() final;
  void on_watermark(EventTime watermark) final;
  void on_idle(bool is_idle) final;
  void on_clock(EventTime now) final;
  void on_end() final;

 protected:
  /// Makes an outlet known, in the order in which they are flushed.
  void add_outlet(AnyOutlet& outlet) { outlets_.push_back(&outlet); }
  /// Begins with a batch that the subclass holds.
  void start_batch() { start(Element::batch); }
  bool is_suspended() const noexcept { return element_ != Element::none; }

  virtual bool work_batch() = 0;
  virtual bool work_watermark(EventTime watermark) = 0;
  virtual bool work_clock(EventTime now) = 0;
  /// The element is finished, and its output handed over.
  virtual void finish_batch() {}
  /// False while a backoff runs.
  virtual bool may_go_on() { return true; }

 private:
  enum class Element : std::uint8_t { none, batch, watermark, clock, idle, end };

  void start(Element element);
  bool consumers_ready() const;
  bool is_news_about_time() const noexcept;
  void proceed();
  bool work();
  bool flush();
  void pass();

  std::vector<AnyOutlet*> outlets_;
  Element element_ = Element::none;
  bool is_worked_ = false;  // All that is left of the element is to hand its output over.
  EventTime time_;          // Of the watermark or the clock.
  bool is_idle_ = false;
};

}  // namespace weir::inline v0::detail
