// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/operator.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0::detail {

/// Ends a stream in a writer of a sink.
template <class T>
class SinkOperator final : public Operator, public Receiver<T> {
 public:
  explicit SinkOperator(std::shared_ptr<Sink<T>> sink) : sink_{std::move(sink)} {}

  ReceiverBase* receiver(std::size_t) override { return this; }
  void connect(std::size_t, Link) override {}
  void open(OperatorContext& context) override {
    context_ = &context;
    writer_ = sink_->writer(context.sink_context());
  }

  bool ready() const override { return !is_holding_ && writer_->ready(); }
  void on_batch(const BatchView<T>& view) override {
    context_->metrics().records_in.add(view.count);
    if (writer_->ready()) return write(view);
    held_ = HeldView<T>{view};
    is_holding_ = true;
  }
  bool advance() override {
    if (!is_holding_ || !writer_->ready()) return false;
    is_holding_ = false;
    write(held_.view());
    held_ = {};
    return true;
  }

  void on_watermark(EventTime watermark) override { writer_->watermark(watermark); }
  void on_idle(bool is_idle) override { writer_->idle(is_idle); }
  void on_clock(EventTime) override {}
  void on_end() override { writer_->end(); }
  void on_barrier(CheckpointId checkpoint, ByteWriter&) override { writer_->barrier(checkpoint); }
  void load(ByteReader&) override {}

 private:
  void write(const BatchView<T>& view) {
    writer_->write(view);
    context_->metrics().records_out.add(view.count);
    if (view.owner != nullptr) context_->observe_latency(view.owner->origin.read_at_ns);
  }

  const std::shared_ptr<Sink<T>> sink_;  // Shared with the node and the other tasks.
  std::unique_ptr<SinkWriter<T>> writer_;
  OperatorContext* context_ = nullptr;
  bool is_holding_ = false;
  HeldView<T> held_;
};

}  // namespace weir::inline v0::detail
