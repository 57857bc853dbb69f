// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "weir/detail/operators/to_topic.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

[[noreturn]] WEIR_API void throw_wrong_partition(std::uint32_t actual);

/// Reads what a ToTopicKernel wrote: the sender of a stage whose task is one partition of the
/// topic, to the shard that this partition is.
template <class K, class T>
class FromTopicOperator final : public Operator, public Receiver<ExchangedRecord> {
 public:
  ReceiverBase* receiver(std::size_t) override { return this; }
  void connect(std::size_t, Link) override {}
  void open(OperatorContext& context) override {
    context_ = &context;
    exchange_ = &context.exchange();
  }

  bool ready() const override { return !held_ && exchange_->ready(); }
  void on_batch(const BatchView<ExchangedRecord>& view) override {
    context_->metrics().records_in.add(view.count);
    held_ = decode(view);
    advance();
  }
  bool advance() override {
    if (!held_ || !exchange_->ready()) return false;
    const std::uint32_t count = held_->records;
    context_->metrics().records_out.add(count);
    exchange_->push(ShardId{0}, {std::move(held_), 0, count});
    held_ = {};
    return true;
  }

  void on_watermark(EventTime watermark) override { exchange_->watermark(watermark); }
  void on_idle(bool is_idle) override { exchange_->idle(is_idle); }
  void on_end() override { exchange_->end(); }
  void on_clock(EventTime) override {}
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

 private:
  Ref<KeyedBatch<K, T>> decode(const BatchView<ExchangedRecord>& view) {
    Ref<OwnedBatch<T>> values = values_.take();
    values->clear();
    Ref<KeyedBatch<K, T>> batch = batches_.take();
    batch->own_keys.clear();
    batch->order.clear();
    batch->hashes.clear();
    for (std::uint32_t i = 0; i < view.count; ++i) add(view.value(i), *values, *batch);
    batch->values = values->values.data();
    batch->times = values->times.data();
    batch->keys = reinterpret_cast<const std::byte*>(batch->own_keys.data());
    batch->key_stride = sizeof(K);
    batch->records = view.count;
    batch->bytes = view.count * (sizeof(T) + sizeof(K) + sizeof(std::uint64_t));
    if (view.owner != nullptr) {
      batch->origin = view.owner->origin;
      batch->bytes += view.owner->bytes;
    }
    batch->source = std::move(values);
    return batch;
  }
  void add(const ExchangedRecord& record, OwnedBatch<T>& values, KeyedBatch<K, T>& batch) {
    try {
      ByteReader in{record.value};
      values.times.push_back(read_record_head(in, type_));
      values.values.push_back(Codec<T>::decode(in));
      if (!in.empty()) throw_left_over(in);
      batch.own_keys.push_back(KeyCodec<K>::decode(record.key));
      const std::uint64_t hash = stable_hash(record.key);
      const TaskPlace& place = context_->task_place();
      const std::uint32_t shard = shard_of(hash, place.count);
      if (shard != place.number) throw_wrong_partition(shard);
      batch.order.push_back(static_cast<std::uint32_t>(batch.order.size()));
      batch.hashes.push_back(hash);
    } catch (const CorruptState&) {
      rethrow_with_place(context_->task_name(), record.offset);
    }
  }

  const std::uint32_t type_ = exchange_type<T>();
  OperatorContext* context_ = nullptr;
  ExchangeOutput* exchange_ = nullptr;
  BatchPool<OwnedBatch<T>> values_;
  BatchPool<KeyedBatch<K, T>> batches_;
  Ref<KeyedBatch<K, T>> held_;
};

}  // namespace weir::inline v0::detail
