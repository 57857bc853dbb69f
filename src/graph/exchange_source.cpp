// SPDX-License-Identifier: Apache-2.0
#include "graph/exchange_source.hpp"

#include <cstddef>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// The topic's own position, without what stands behind the space.
Position place_of(const Position& position) {
  return {position.bytes.substr(0, position.bytes.find(' '))};
}

class ExchangeReader final : public SplitReader<ExchangedRecord> {
 public:
  ExchangeReader(std::unique_ptr<SplitReader<ExchangedRecord>> topic, std::string split,
                 UpstreamTime time)
      : topic_{std::move(topic)}, split_{std::move(split)}, time_{std::move(time)} {}

  Poll poll(RecordBatch<ExchangedRecord>& out, std::size_t max_records) override {
    if (next_ == fetched_->values.size() && !has_time_news()) fetch(max_records);
    const bool has_something = next_ < fetched_->values.size() || has_time_news();
    if (was_idle_ && (has_something || !time_.is_idle())) {
      was_idle_ = false;  // Time does not move while the split is idle.
      return Poll::pending;
    }
    if (has_time_news()) return pass_time(out);
    pass_records(out, max_records);
    if (out.size() > 0) return Poll::records;
    if (has_time_news()) return pass_time(out);
    if (next_ < fetched_->values.size()) return Poll::pending;
    if (time_.has_ended()) return Poll::ended;
    was_idle_ = time_.is_idle();
    return was_idle_ ? Poll::nothing : Poll::pending;
  }
  Position position() const override {
    ByteWriter known;
    time_.save(known);
    const std::string place = next_ < fetched_->values.size()
                                  ? std::to_string(fetched_->values[next_].offset)
                                  : place_of(topic_->position()).bytes;
    return {place + " " + known.take()};
  }
  std::uint64_t record_number() const override {
    return next_ < fetched_->values.size() ? fetched_->values[next_].offset
                                           : topic_->record_number();
  }
  std::optional<std::uint64_t> lag() const override { return topic_->lag(); }

 private:
  bool has_time_news() const noexcept {
    return time_.watermark() > passed_ && time_.watermark() < EventTime::max();
  }
  void fetch(std::size_t max_records) {
    fetched_->clear();
    next_ = 0;
    RecordBatch<ExchangedRecord> found{*fetched_};
    (void)topic_->poll(found, max_records);  // It never ends, and wakes when there is more.
    bytes_ = fetched_->bytes;
  }
  Poll pass_time(RecordBatch<ExchangedRecord>& out) {
    passed_ = time_.watermark();
    out.watermark(passed_);
    return Poll::records;
  }
  /// Up to the next one that moves time.
  void pass_records(RecordBatch<ExchangedRecord>& out, std::size_t max_records) {
    out.add_bytes(std::exchange(bytes_, 0));
    while (next_ < fetched_->values.size() && out.size() < max_records && !has_time_news()) {
      ExchangedRecord& record = fetched_->values[next_];
      if (is_about_time(record)) {
        apply(record);
      } else {
        out.push(std::move(record));
      }
      ++next_;
    }
  }
  bool is_about_time(const ExchangedRecord& record) const {
    try {
      return kind_of(record.value) == ExchangeKind::time;
    } catch (const CorruptState&) {
      rethrow_with_place(split_, record.offset);
    }
  }
  void apply(const ExchangedRecord& record) {
    try {
      time_.apply(decode_time(record.value));
    } catch (const CorruptState&) {
      rethrow_with_place(split_, record.offset);
    }
  }

  const std::unique_ptr<SplitReader<ExchangedRecord>> topic_;
  const std::string split_;
  UpstreamTime time_;  // Of all records before position().
  EventTime passed_ = EventTime::min();
  bool was_idle_ = false;  // So it was said.
  Ref<OwnedBatch<ExchangedRecord>> fetched_ =
      Ref<OwnedBatch<ExchangedRecord>>::adopt(new OwnedBatch<ExchangedRecord>);
  std::size_t next_ = 0;   // In what was fetched.
  std::size_t bytes_ = 0;  // Fetched, and not counted yet.
};

}  // namespace

std::unique_ptr<SplitReader<ExchangedRecord>> ExchangeSource::open(
    const SplitId& split, const std::optional<Position>& position, const SourceContext& context) {
  UpstreamTime time{route_->upstream};
  std::optional<Position> place;
  if (position) {
    place = place_of(*position);
    // Nothing is known when the job started at a committed position without a checkpoint.
    if (place->bytes.size() < position->bytes.size()) {
      ByteReader known{std::string_view{position->bytes}.substr(place->bytes.size() + 1)};
      time.load(known);
    }
  }
  return std::make_unique<ExchangeReader>(topic_->open(split, place, context), split.value,
                                          std::move(time));
}

void ExchangeSource::committed(const SplitId& split, const Position& position) {
  topic_->committed(split, place_of(position));
}

}  // namespace weir::inline v0::detail
