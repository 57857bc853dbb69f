// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weir/codec.hpp"
#include "weir/detail/dataflow/exchange_record.hpp"
#include "weir/detail/operators/record_operator.hpp"
#include "weir/detail/operators/shard_order.hpp"
#include "weir/detail/operators/topic_time.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// The part of a codec's fingerprint that stands in each record of a topic.
template <class T>
std::uint32_t exchange_type() {
  return static_cast<std::uint32_t>(codec_fingerprint<T>());
}

/// The upper end of an exchange through a topic: each record goes, as bytes, to the partition that
/// its key's shard is, and so does what is known about time.
template <class K, class T, class F>
class ToTopicKernel final {
 public:
  ToTopicKernel(F selector, std::shared_ptr<Sink<ExchangedRecord>> sink, std::uint32_t partitions)
      : selector_{std::move(selector)},
        sink_{std::move(sink)},
        partitions_{partitions},
        type_{exchange_type<T>()} {}

  bool connect(std::size_t, Link) { return false; }
  void open(OperatorContext& context) {
    metrics_ = &context.metrics();
    writer_ = sink_->writer(context.sink_context());
    time_.open(context, partitions_);
  }

  void begin(const BatchView<T>& view) {
    batch_ = pool_.take();
    batch_->clear();
    if (view.owner != nullptr) batch_->origin = view.owner->origin;
  }
  void run(const BatchView<T>& view, std::uint32_t& cursor) {
    for (; cursor < view.count; ++cursor) add(view.value(cursor), view.time(cursor));
  }
  void drop(const BatchView<T>&, std::uint32_t) {}
  bool finish(const BatchView<T>&) {
    if (!batch_) return true;
    if (!writer_->ready()) return false;
    const Ref<OwnedBatch<ExchangedRecord>> batch = std::move(batch_);
    if (batch->values.empty()) return true;
    batch->records = static_cast<std::uint32_t>(batch->values.size());
    writer_->write(batch->view());
    metrics_->records_out.add(batch->records);
    return true;
  }

  bool ready() const { return !time_.is_due() && !is_ending_ && writer_->ready(); }
  bool can_go_on() const { return writer_->ready(); }
  bool has_room() { return true; }
  bool advance() {
    const bool had_news = time_.is_due() || is_ending_;
    report();
    return had_news && ready();
  }
  void on_watermark(EventTime watermark) {
    time_.watermark(watermark);
    report();
  }
  void on_idle(bool is_idle) {
    time_.idle(is_idle);
    report();
  }
  void on_end() {
    time_.end();
    is_ending_ = true;
    report();
  }
  void on_clock(EventTime now) {
    time_.on_clock(now);
    report();
  }
  std::optional<EventTime> next_wake() const { return time_.next_wake(); }
  void barrier(CheckpointId checkpoint) {
    if (time_.has_news()) time_.write(*writer_);
    writer_->barrier(checkpoint);
  }
  void save(ByteWriter& out) { time_.save(out); }
  void load(ByteReader& in) { time_.load(in); }

 private:
  void add(const T& value, EventTime time) {
    const auto& key = std::invoke(selector_, value);
    const std::string_view bytes = KeyCodec<K>::bytes(key, scratch_);
    out_.clear();
    write_record_head(out_, type_, time);
    Codec<T>::encode(out_, value);
    const std::uint32_t partition = shard_of(stable_hash(bytes), partitions_);
    batch_->bytes += bytes.size() + out_.size();
    batch_->values.push_back({std::string{bytes}, std::string{out_.view()}, partition, 0});
    batch_->times.push_back(time);
  }
  /// What is due about time, behind the batch at hand.
  void report() {
    if (batch_ || !writer_->ready()) return;
    if (time_.is_due()) time_.write(*writer_);
    if (std::exchange(is_ending_, false)) writer_->end();
  }

  const F selector_;
  const std::shared_ptr<Sink<ExchangedRecord>> sink_;  // Shared with the node and other tasks.
  const std::uint32_t partitions_;
  const std::uint32_t type_;
  NodeMetrics* metrics_ = nullptr;
  std::unique_ptr<SinkWriter<ExchangedRecord>> writer_;
  TopicTime time_;
  bool is_ending_ = false;  // The writer does not know yet.
  BatchPool<OwnedBatch<ExchangedRecord>> pool_;
  Ref<OwnedBatch<ExchangedRecord>> batch_;  // Until it is written.
  std::string scratch_;
  ByteWriter out_;
};

template <class K, class T, class F>
using ToTopicOperator = RecordOperator<T, ToTopicKernel<K, T, F>>;

}  // namespace weir::inline v0::detail
