// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/exchange_record.hpp"
#include "weir/exchange_topics.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// What one task says about time in every partition of a repartition topic.
///
/// It says so at the first barrier after its start and at every later one with news, when it has
/// ended, and in between when something has changed, at most ten times a second. What it has said
/// is in the reader's checkpoints: it need not be repeated.
class WEIR_API TopicTime final {
 public:
  void open(OperatorContext& context, std::uint32_t partitions);

  void watermark(EventTime watermark);
  void idle(bool is_idle);
  void end();
  void on_clock(EventTime now);
  std::optional<EventTime> next_wake() const noexcept;

  /// Whether it has to be written before anything else.
  bool is_due() const noexcept { return is_due_; }
  /// Whether there is something that was not written yet.
  bool has_news() const noexcept { return has_news_; }
  bool has_ended() const noexcept { return time_.has_ended; }
  /// Requires: the writer is ready.
  void write(SinkWriter<ExchangedRecord>& writer);

  void save(ByteWriter& out) const;
  void load(ByteReader& in);

 private:
  void add_news(EventTime now);

  OperatorContext* context_ = nullptr;
  std::uint32_t partitions_ = 0;
  TaskTime time_;
  EventTime written_at_;  // Processing time.
  bool has_news_ = true;  // A new start is news.
  bool is_due_ = false;
};

}  // namespace weir::inline v0::detail
