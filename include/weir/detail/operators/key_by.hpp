// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/operators/record_operator.hpp"
#include "weir/detail/operators/shard_order.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// The upper end of an exchange: hashes each key once and hands every shard its slice of the batch,
/// which shares the memory of the upstream batch.
///
/// Keys stay where they are if the selector refers into the record, always at the same place in
/// it; else they are copied beside the batch.
template <class K, class T, class F>
class KeyByKernel final {
 public:
  explicit KeyByKernel(F selector) : selector_{std::move(selector)} {}

  bool connect(std::size_t, Link) { return false; }
  void open(OperatorContext& context) {
    metrics_ = &context.metrics();
    exchange_ = &context.exchange();
  }

  void begin(const BatchView<T>& view) {
    batch_ = pool_.take();
    order_.begin(view.count);
    offset_.reset();
    are_keys_in_place_ = kMayReferIn;
    if (!kMayReferIn) make_room_for_keys(view);
  }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    std::uint32_t i = cursor;
    const OnExit keep{[&] { cursor = i; }};
    if (are_keys_in_place_) run_in_place(view, i);
    for (; i < view.count; ++i) {
      const std::uint32_t index = view.index(i);
      K& key = batch_->own_keys[index] = std::invoke(selector_, view.values[index]);
      order_.add(index, hash_key(key, scratch_));
    }
  }
  void drop(const BatchView<T>&, std::uint32_t) {}
  bool finish(const BatchView<T>& view) {
    if (!exchange_->ready()) return false;
    if (order_.count() == 0) return true;
    fill(view);
    const std::uint32_t shards = exchange_->shard_count();
    const Ref<KeyedBatch<K, T>> batch = std::move(batch_);
    order_.sort(shards, batch->order, batch->hashes);
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      const std::uint32_t begin = order_.begin_of(shard);
      const std::uint32_t count = order_.begin_of(shard + 1) - begin;
      if (count == 0) continue;
      exchange_->push(ShardId{shard}, {Ref<KeyedBatch<K, T>>{batch}, begin, count});
    }
    metrics_->records_out.add(order_.count());
    return true;
  }

  bool ready() const { return exchange_->ready(); }
  bool can_go_on() const { return exchange_->ready(); }
  bool has_room() { return true; }
  bool advance() { return false; }
  void on_watermark(EventTime watermark) { exchange_->watermark(watermark); }
  void on_idle(bool is_idle) { exchange_->idle(is_idle); }
  void on_end() { exchange_->end(); }
  void on_clock(EventTime) {}
  std::optional<EventTime> next_wake() const { return std::nullopt; }
  void save(ByteWriter&) {}
  void load(ByteReader&) {}

 private:
  using Selected = std::invoke_result_t<const F&, const T&>;
  static constexpr bool kMayReferIn = std::same_as<Selected, const K&>;

  /// Stops at the first key that does not lie where the first one does in its record, with what was
  /// read so far copied: from there on all keys are copies.
  void run_in_place(const BatchView<T>& view, std::uint32_t& i) {
    if constexpr (kMayReferIn) {
      for (; i < view.count; ++i) {
        const std::uint32_t index = view.index(i);
        const K& key = std::invoke(selector_, view.values[index]);
        const std::ptrdiff_t offset = reinterpret_cast<const std::byte*>(&key) -
                                      reinterpret_cast<const std::byte*>(view.values + index);
        if (!offset_) offset_ = offset;
        if (offset != *offset_ || !lies_in_record(offset)) return copy_keys(view);
        order_.add(index, hash_key(key, scratch_));
      }
    }
  }
  static bool lies_in_record(std::ptrdiff_t offset) noexcept {
    return offset >= 0 && static_cast<std::size_t>(offset) + sizeof(K) <= sizeof(T);
  }
  [[gnu::cold]] void copy_keys(const BatchView<T>& view) {
    make_room_for_keys(view);
    for (const std::uint32_t index : order_.indices()) {
      batch_->own_keys[index] = std::invoke(selector_, view.values[index]);
    }
    are_keys_in_place_ = false;
  }
  /// Keys are found by the index of their record, so those of records left out have a place, too.
  void make_room_for_keys(const BatchView<T>& view) {
    if (view.count == 0) return;
    const std::size_t wanted = view.index(view.count - 1) + std::size_t{1};
    std::vector<K>& keys = batch_->own_keys;
    if (keys.size() >= wanted) return;
    if constexpr (std::default_initializable<K>) {
      keys.resize(wanted);
    } else {
      keys.resize(wanted, std::invoke(selector_, view.value(0)));
    }
  }
  void fill(const BatchView<T>& view) {
    KeyedBatch<K, T>& batch = *batch_;
    batch.source = Ref<BatchBase>::share(view.owner);
    batch.values = view.values;
    batch.times = view.times;
    const auto* const records = reinterpret_cast<const std::byte*>(view.values);
    batch.keys = are_keys_in_place_ ? records + *offset_
                                    : reinterpret_cast<const std::byte*>(batch.own_keys.data());
    batch.key_stride = are_keys_in_place_ ? sizeof(T) : sizeof(K);
    batch.records = order_.count();
    batch.bytes = order_.count() * (sizeof(T) + sizeof(std::uint64_t) + sizeof(std::uint32_t));
    if (view.owner == nullptr) return;
    batch.origin = view.owner->origin;
    batch.bytes = view.owner->bytes + order_.count() * sizeof(std::uint64_t);
  }

  const F selector_;
  NodeMetrics* metrics_ = nullptr;
  ExchangeOutput* exchange_ = nullptr;
  BatchPool<KeyedBatch<K, T>> pool_;
  std::string scratch_;
  // Of the batch at hand.
  Ref<KeyedBatch<K, T>> batch_;
  ShardOrder order_;
  std::optional<std::ptrdiff_t> offset_;  // Of the key in its record.
  bool are_keys_in_place_ = false;
};

template <class K, class T, class F>
using KeyBySender = RecordOperator<T, KeyByKernel<K, T, F>>;

/// The lower end of an exchange, in one shard: hands slices to the keyed operators.
template <class K, class T>
class KeyByReceiver final : public SliceReceiver {
 public:
  ReceiverBase* receiver(std::size_t) override { return nullptr; }
  void connect(std::size_t, Link link) override { outlet_.connect(link); }
  void open(OperatorContext&) override {}
  bool ready() const override { return outlet_.consumers_ready(); }
  bool advance() override { return false; }

  void on_slice(const Slice& slice) override {
    outlet_.pass({static_cast<KeyedBatch<K, T>*>(slice.batch.get()), slice.begin, slice.count});
  }
  void on_watermark(EventTime watermark) override { outlet_.watermark(watermark); }
  void on_idle(bool is_idle) override { outlet_.idle(is_idle); }
  void on_end() override { outlet_.end(); }
  void on_clock(EventTime) override {}
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

 private:
  class KeyedOutlet final : public OutletBase {
   public:
    void pass(const KeyedView<K, T>& view) const {
      for (const Link& link : links_) {
        static_cast<KeyedReceiver<K, T>*>(link.receiver)->on_keyed_batch(view);
      }
    }
  };

  KeyedOutlet outlet_;
};

}  // namespace weir::inline v0::detail
