// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/bytes.hpp"
#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/operator.hpp"

namespace weir::inline v0::testing {

/// How often a probe is not ready.
enum class Refusal : std::uint8_t {
  never,
  every_other,  ///< After each element, until it is advanced once.
};

/// The end of a chain under test: keeps what it is given.
template <class T>
class Probe final : public detail::Operator, public detail::Receiver<T> {
 public:
  explicit Probe(Refusal refusal = Refusal::never) : refusal_{refusal} {}

  std::vector<T> values;
  std::vector<EventTime> times;  ///< Parallel to values, if records have times.
  /// Everything in order: "2 records", "watermark 5", "idle", "active", "end".
  std::vector<std::string> log;
  std::vector<detail::Origin> origins;  ///< One per batch.

  detail::Link link() { return {this, this}; }

  detail::ReceiverBase* receiver(std::size_t) override { return this; }
  void connect(std::size_t, detail::Link) override {}
  void open(detail::OperatorContext&) override {}
  bool ready() const override { return !is_full_; }
  bool advance() override { return std::exchange(is_full_, false); }

  void on_batch(const detail::BatchView<T>& view) override {
    take(std::to_string(view.count) + " records");
    if (view.owner != nullptr) origins.push_back(view.owner->origin);
    for (std::uint32_t i = 0; i < view.count; ++i) {
      values.push_back(view.value(i));
      if (view.times != nullptr) times.push_back(view.time(i));
    }
  }
  void on_watermark(EventTime watermark) override {
    take(watermark == EventTime::max() ? "watermark max"
                                       : "watermark " + std::to_string(watermark.ms()));
  }
  void on_idle(bool is_idle) override { take(is_idle ? "idle" : "active"); }
  void on_end() override { take("end"); }
  void on_clock(EventTime) override {}
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

 private:
  void take(std::string entry) {
    if (is_full_) throw std::logic_error{"the probe was given '" + entry + "' while not ready"};
    log.push_back(std::move(entry));
    is_full_ = refusal_ == Refusal::every_other;
  }

  const Refusal refusal_;
  bool is_full_ = false;
};

/// What an operator under test sees of the world; the test sets the public members.
class FakeContext final : public detail::OperatorContext {
 public:
  std::string name = "node";
  std::string task = "task";
  detail::TaskPlace place;
  detail::StateAccess* state_access = nullptr;
  bool is_in_order = true;
  EventTime processing_time{0};
  EventTime task_watermark = EventTime::min();
  detail::ExchangeOutput* exchange_output = nullptr;
  SinkContext sink;
  OnError policy;
  detail::NodeMetrics counts;
  EventTime split_watermark = EventTime::min();  ///< As last reported.
  std::size_t latencies = 0;                     ///< How many were observed.

  const std::string& node_name() const override { return name; }
  NodeId node_id() const override { return NodeId{7}; }
  const std::string& task_name() const override { return task; }
  const detail::TaskPlace& task_place() const override { return place; }
  detail::StateAccess& state() override { return *state_access; }
  bool is_ordered() const override { return is_in_order; }
  EventTime now() const override { return processing_time; }
  EventTime watermark() const override { return task_watermark; }
  detail::ExchangeOutput& exchange() override { return *exchange_output; }
  const SinkContext& sink_context() const override { return sink; }
  void report_split_watermark(EventTime watermark) override { split_watermark = watermark; }
  detail::NodeMetrics& metrics() override { return counts; }
  OnError on_error() const override { return policy; }
  void observe_latency(std::int64_t) override { ++latencies; }
};

/// Steps the operators of a chain as a task does: an element is given when all are ready, and
/// suspended ones are advanced, consumers first.
class Stepper final {
 public:
  /// Inputs before consumers.
  void add(detail::Operator& code) { operators_.push_back(&code); }
  /// Advances until all are ready. Throws if nothing moves any more.
  void settle() {
    for (std::size_t round = 0; round < kRoundsMax; ++round) {
      bool is_ready = true;
      for (const detail::Operator* code : operators_) is_ready &= code->ready();
      if (is_ready) return;
      for (auto code = operators_.rbegin(); code != operators_.rend(); ++code) (*code)->advance();
    }
    throw std::logic_error{"the operators make no progress"};
  }

 private:
  static constexpr std::size_t kRoundsMax = 100'000;
  std::vector<detail::Operator*> operators_;
};

/// One operator with input of type In, between a test and its probes.
///
///     OperatorHarness<int> harness{std::make_unique<...>()};
///     auto& out = harness.probe<int>();
///     harness.open();
///     harness.push({1, 2, 3});
///     EXPECT_THAT(out.values, ElementsAre(2, 4, 6));
template <class In>
class OperatorHarness final {
 public:
  explicit OperatorHarness(std::unique_ptr<detail::Operator> code, Refusal refusal = Refusal::never)
      : refusal_{refusal}, code_{std::move(code)} {
    stepper_.add(*code_);
  }

  FakeContext context;

  detail::Operator& code() noexcept { return *code_; }
  template <class Out>
  Probe<Out>& probe(std::size_t outlet = 0) {
    auto added = std::make_unique<Probe<Out>>(refusal_);
    Probe<Out>& probe = *added;
    code_->connect(outlet, probe.link());
    stepper_.add(probe);
    probes_.push_back(std::move(added));
    return probe;
  }
  void open() {
    receiver_ = static_cast<detail::Receiver<In>*>(code_->receiver(0));
    input_ = code_->input(0);
    code_->open(context);
  }

  /// Gives the records as one batch read from "split" at position 100 on.
  void push(std::vector<In> values, std::vector<EventTime> times = {}) {
    auto batch = detail::Ref<detail::OwnedBatch<In>>::adopt(new detail::OwnedBatch<In>);
    batch->values = std::move(values);
    batch->times = std::move(times);
    batch->origin = {&split_, 100, true, 1};
    push(batch->view());
  }
  void push(const detail::BatchView<In>& view) {
    stepper_.settle();
    receiver_->on_batch(view);
    stepper_.settle();
  }
  /// The same without waiting until it is done: the operator may be suspended afterwards.
  void push_only(const detail::BatchView<In>& view) { receiver_->on_batch(view); }
  void settle() { stepper_.settle(); }

  void watermark(EventTime watermark) {
    input_->on_watermark(watermark);
    stepper_.settle();
  }
  void idle(bool is_idle) {
    input_->on_idle(is_idle);
    stepper_.settle();
  }
  void end() {
    input_->on_end();
    stepper_.settle();
  }
  /// Turns the clock, and calls on_clock if it is due.
  void clock(EventTime now) {
    context.processing_time = now;
    const std::optional<EventTime> wanted = code_->next_wake();
    if (wanted && *wanted <= now && code_->ready()) code_->on_clock(now);
    stepper_.settle();
  }

  std::string snapshot() {
    ByteWriter out;
    code_->on_barrier(CheckpointId{1}, out);
    return out.take();
  }
  void restore(std::string_view bytes) {
    ByteReader in{bytes};
    code_->load(in);
    stepper_.settle();
  }

 private:
  const Refusal refusal_;
  const std::string split_ = "split";
  std::unique_ptr<detail::Operator> code_;
  std::vector<std::unique_ptr<detail::Operator>> probes_;
  Stepper stepper_;
  detail::Receiver<In>* receiver_ = nullptr;
  detail::Operator* input_ = nullptr;
};

}  // namespace weir::inline v0::testing
