// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/topic_time.hpp"

#include <algorithm>

#include "weir/detail/dataflow/batch.hpp"
#include "weir/detail/operators/from_topic.hpp"

namespace weir::inline v0::detail {
namespace {

/// Between two reports that no barrier asks for.
constexpr Duration kReportEvery{100};

}  // namespace

void throw_wrong_partition(std::uint32_t actual) {
  throw CorruptState{"its key belongs to partition " + std::to_string(actual)};
}

void TopicTime::open(OperatorContext& context, std::uint32_t partitions) {
  context_ = &context;
  partitions_ = partitions;
  time_.place = context.task_place();
  written_at_ = context.now();
  // The clock alone would do, but for one that goes back: see load().
  time_.epoch = static_cast<std::uint64_t>(std::max<std::int64_t>(1, written_at_.ms()));
}

void TopicTime::watermark(EventTime watermark) {
  if (watermark <= time_.watermark) return;
  time_.watermark = watermark;
  add_news(context_->now());
}

void TopicTime::idle(bool is_idle) {
  if (time_.is_idle == is_idle) return;
  time_.is_idle = is_idle;
  add_news(context_->now());
}

void TopicTime::end() {
  time_.has_ended = true;
  has_news_ = true;
  is_due_ = true;
}

void TopicTime::add_news(EventTime now) {
  has_news_ = true;
  if (now >= written_at_ + kReportEvery) is_due_ = true;
}

void TopicTime::on_clock(EventTime now) {
  if (has_news_) add_news(now);
}

std::optional<EventTime> TopicTime::next_wake() const noexcept {
  if (!has_news_ || is_due_) return std::nullopt;
  return written_at_ + kReportEvery;
}

void TopicTime::write(SinkWriter<ExchangedRecord>& writer) {
  const Ref<OwnedBatch<ExchangedRecord>> batch =
      Ref<OwnedBatch<ExchangedRecord>>::adopt(new OwnedBatch<ExchangedRecord>);
  const std::string value = encode_time(time_);
  for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
    batch->values.push_back({{}, value, partition, 0});
    batch->times.push_back(time_.watermark);
  }
  batch->records = partitions_;
  batch->bytes = partitions_ * (sizeof(ExchangedRecord) + value.size());
  writer.write(batch->view());
  written_at_ = context_->now();
  has_news_ = false;
  is_due_ = false;
}

void TopicTime::save(ByteWriter& out) const {
  out.varint(time_.epoch);
  out.zigzag(time_.watermark.ms());
  out.u8(time_.is_idle ? 1 : 0);
}

void TopicTime::load(ByteReader& in) {
  time_.epoch = std::max(time_.epoch, in.varint() + 1);
  time_.watermark = EventTime{in.zigzag()};
  time_.is_idle = in.u8() != 0;
}

}  // namespace weir::inline v0::detail
