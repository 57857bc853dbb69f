// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "testing/operator_harness.hpp"
#include "testing/shard_under_test.hpp"
#include "weir/detail/dataflow/batch.hpp"
#include "weir/detail/dataflow/operator.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::testing {

/// A record under a key, as a keyed operator gets it.
template <class K, class T>
struct KeyedRecord {
  K key;
  T value;
  EventTime time;
};

/// One keyed operator with its shard, between a test and its probes; can be restarted.
///
///     KeyedHarness<std::string, int> harness{[] { return std::make_unique<...>(...); }};
///     auto& out = harness.probe<Windowed<std::string, std::int64_t>>();
///     harness.open();
///     harness.push({{"a", 1, EventTime{5}}});
///     harness.watermark(EventTime{10});
template <class K, class T>
class KeyedHarness final {
 public:
  using Make = std::function<std::unique_ptr<detail::Operator>()>;

  explicit KeyedHarness(Make make, Refusal refusal = Refusal::never)
      : make_{std::move(make)}, refusal_{refusal} {}

  /// Of the operator that runs now; counters start again with a restart.
  FakeContext& context() noexcept { return *life_->context; }
  detail::Operator& code() noexcept { return *life_->code; }
  /// What the counters of all lives add up to.
  std::uint64_t count(detail::Counter detail::NodeMetrics::*counter) const {
    return earlier_.at(counter) + (life_->context->counts.*counter).get();
  }

  /// Before open(). Probes outlive restarts.
  template <class Out>
  Probe<Out>& probe(std::size_t outlet = 0) {
    auto added = std::make_unique<Probe<Out>>(refusal_);
    Probe<Out>& probe = *added;
    links_.push_back({outlet, probe.link()});
    probes_.push_back(std::move(added));
    return probe;
  }
  void open() { start(EventTime::min()); }

  void push(const std::vector<KeyedRecord<K, T>>& records) {
    const auto batch = batch_of(records);
    life_->receiver->on_keyed_batch({batch.get(), 0, static_cast<std::uint32_t>(records.size())});
    settle();
  }
  void watermark(EventTime watermark) {
    watermark_ = watermark;
    life_->shard.set_time(watermark_, now_);
    life_->code->on_watermark(watermark);
    settle();
    life_->context->task_watermark = watermark;
  }
  /// Turns the clock, and calls on_clock as long as it is due.
  void clock(EventTime now) {
    now_ = now;
    life_->context->processing_time = now;
    life_->shard.set_time(watermark_, now_);
    for (int calls = 0; calls < 3; ++calls) {
      const std::optional<EventTime> wanted = life_->code->next_wake();
      if (!wanted || *wanted > now) return;
      life_->code->on_clock(now);
      settle();
    }
  }
  void end() {
    life_->code->on_end();
    settle();
  }

  /// Takes a checkpoint and goes on.
  void checkpoint() {
    ByteWriter out;
    life_->code->on_barrier(CheckpointId{++checkpoint_}, out);
    blob_ = out.take();
    stored_ = life_->shard.snapshot(CheckpointId{checkpoint_});
  }
  /// Goes on from the last checkpoint in a new operator over a new shard.
  void restore() {
    earlier_.add(life_->context->counts);
    const OnError policy = life_->context->policy;
    start(watermark_at_checkpoint());
    life_->context->policy = policy;
  }
  void restart() {
    checkpoint();
    restore();
  }

 private:
  struct Life {
    ShardUnderTest shard;
    std::unique_ptr<detail::StateAccess> access;
    std::unique_ptr<FakeContext> context = std::make_unique<FakeContext>();
    std::unique_ptr<detail::Operator> code;
    detail::KeyedReceiver<K, T>* receiver = nullptr;
    Stepper stepper;
  };
  class Counts {
   public:
    void add(const detail::NodeMetrics& counts) {
      for (auto counter : kCounters) sums_[index(counter)] += (counts.*counter).get();
    }
    std::uint64_t at(detail::Counter detail::NodeMetrics::*counter) const {
      return sums_[index(counter)];
    }

   private:
    static constexpr detail::Counter detail::NodeMetrics::*kCounters[] = {
        &detail::NodeMetrics::late_dropped, &detail::NodeMetrics::late_diverted,
        &detail::NodeMetrics::late_window_misses, &detail::NodeMetrics::skipped,
        &detail::NodeMetrics::filtered};
    static std::size_t index(detail::Counter detail::NodeMetrics::*counter) {
      std::size_t at = 0;
      while (kCounters[at] != counter) ++at;
      return at;
    }
    std::uint64_t sums_[std::size(kCounters)] = {};
  };

  EventTime watermark_at_checkpoint() const { return watermark_; }
  void settle() { life_->stepper.settle(); }

  void start(EventTime watermark) {
    life_ = std::make_unique<Life>();
    life_->access = std::make_unique<detail::StateAccess>(life_->shard.state(), NodeId{7});
    life_->context->state_access = life_->access.get();
    life_->context->task_watermark = watermark;
    life_->context->processing_time = now_;
    life_->code = make_();
    life_->stepper.add(*life_->code);
    for (const auto& [outlet, link] : links_) life_->code->connect(outlet, link);
    for (const auto& probe : probes_) life_->stepper.add(*probe);
    life_->receiver = static_cast<detail::KeyedReceiver<K, T>*>(life_->code->receiver(0));
    life_->code->open(*life_->context);
    life_->shard.set_time(watermark, now_);
    if (!stored_) return;
    life_->shard.restore(*stored_);
    ByteReader in{blob_};
    life_->code->load(in);
    settle();
  }
  detail::Ref<detail::KeyedBatch<K, T>> batch_of(const std::vector<KeyedRecord<K, T>>& records) {
    using Owned = detail::OwnedBatch<T>;
    const auto values = detail::Ref<Owned>::adopt(new Owned);
    const auto batch = detail::Ref<detail::KeyedBatch<K, T>>::adopt(new detail::KeyedBatch<K, T>);
    for (const KeyedRecord<K, T>& record : records) {
      values->values.push_back(record.value);
      values->times.push_back(record.time);
      batch->own_keys.push_back(record.key);
      batch->order.push_back(static_cast<std::uint32_t>(batch->order.size()));
      batch->hashes.push_back(hash_key(record.key, scratch_));
    }
    batch->values = values->values.data();
    batch->times = values->times.data();
    batch->keys = reinterpret_cast<const std::byte*>(batch->own_keys.data());
    batch->key_stride = sizeof(K);
    batch->source = detail::Ref<detail::BatchBase>{detail::Ref<Owned>{values}};
    return batch;
  }

  const Make make_;
  const Refusal refusal_;
  std::vector<std::pair<std::size_t, detail::Link>> links_;
  std::vector<std::unique_ptr<detail::Operator>> probes_;
  std::unique_ptr<Life> life_;
  Counts earlier_;
  EventTime watermark_ = EventTime::min();
  EventTime now_{0};
  std::uint64_t checkpoint_ = 0;
  std::optional<ShardUnderTest::Stored> stored_;
  std::string blob_;
  std::string scratch_;
};

}  // namespace weir::inline v0::testing
