// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/junction.hpp"
#include "weir/detail/dataflow/outlet.hpp"

namespace weir::inline v0::detail {

/// Several inputs, one output. Takes an element at any time: what the consumers cannot take waits
/// in order. As those that feed it ask ready() first, that is at most one element for each way
/// that leads here from a common operator above.
template <class T>
class UnionOperator final : public Operator, public Receiver<T> {
 public:
  ReceiverBase* receiver(std::size_t) override { return this; }
  Operator* input(std::size_t port) override { return junction_.port(port); }
  void connect(std::size_t, Link link) override { outlet_.connect(link); }
  void open(OperatorContext& context) override { metrics_ = &context.metrics(); }

  bool ready() const override { return waiting_.empty() && outlet_.consumers_ready(); }
  void on_batch(const BatchView<T>& view) override {
    metrics_->records_in.add(view.count);
    metrics_->records_out.add(view.count);
    if (ready()) return outlet_.pass(view);
    waiting_.push_back({Kind::batch, HeldView<T>{view}, {}});
  }
  bool advance() override {
    bool has_progress = false;
    while (!waiting_.empty() && outlet_.consumers_ready()) {
      const Element element = std::move(waiting_.front());
      waiting_.pop_front();
      pass(element);
      has_progress = true;
    }
    return has_progress;
  }

  void on_watermark(EventTime watermark) override { take({Kind::watermark, {}, watermark}); }
  void on_idle(bool is_idle) override {
    take({is_idle ? Kind::idle : Kind::active, {}, EventTime::min()});
  }
  void on_end() override { take({Kind::end, {}, EventTime::min()}); }
  void on_clock(EventTime) override {}
  void on_barrier(CheckpointId, ByteWriter& out) override { junction_.save(out); }
  void load(ByteReader& in) override {
    junction_.load(in);
    waiting_.push_back({Kind::watermark, {}, junction_.watermark()});
    if (junction_.is_idle()) waiting_.push_back({Kind::idle, {}, EventTime::min()});
  }

 private:
  enum class Kind : std::uint8_t { batch, watermark, active, idle, end };
  struct Element {
    Kind kind;
    HeldView<T> view;
    EventTime watermark;
  };

  void take(Element element) {
    if (ready()) {
      pass(element);
    } else {
      waiting_.push_back(std::move(element));
    }
  }
  void pass(const Element& element) {
    switch (element.kind) {
      case Kind::batch:
        return outlet_.pass(element.view.view());
      case Kind::watermark:
        return outlet_.watermark(element.watermark);
      case Kind::active:
        return outlet_.idle(false);
      case Kind::idle:
        return outlet_.idle(true);
      case Kind::end:
        return outlet_.end();
    }
  }

  Junction junction_{*this};
  Outlet<T> outlet_;
  std::deque<Element> waiting_;
  NodeMetrics* metrics_ = nullptr;
};

}  // namespace weir::inline v0::detail
