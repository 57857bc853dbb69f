// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/reader.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/fetched.hpp"
#include "kafka/librdkafka/queries.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

void call_wake(rd_kafka_t* /*client*/, void* opaque) {
  (*static_cast<const std::function<void()>*>(opaque))();
}

/// Errors of a partition after which librdkafka goes on by itself.
bool passes_by_itself(int code) { return kind_of(code) == KafkaError::Kind::retriable; }

}  // namespace

void ErrorBox::put(KafkaError error) {
  const std::lock_guard lock{mutex_};
  errors_.push_back(std::move(error));
}

std::vector<KafkaError> ErrorBox::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(errors_, {});
}

Reader::Reader(ReaderContext context, TopicPartition partition, Place place,
               std::function<void()> wake)
    : context_{std::move(context)},
      partition_{std::move(partition)},
      place_{std::move(place)},
      wake_{std::move(wake)},
      queue_{rd_kafka_queue_get_partition(context_.client.get(), partition_.topic.c_str(),
                                          partition_.partition)} {
  if (!queue_) throw error_of(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, text_of(partition_));
  context_.reader_count->fetch_add(1);
  if (!wake_) return;
  rd_kafka_queue_cb_event_enable(queue_.get(), call_wake,
                                 const_cast<std::function<void()>*>(&wake_));
  // What is there already causes no event.
  if (rd_kafka_queue_length(queue_.get()) > 0) wake_();
}

Reader::~Reader() {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  context_.reader_count->fetch_sub(1);
}

std::unique_ptr<FetchedRecords> Reader::fetch(std::size_t record_count_max) {
  while (!failure_) {
    // Asked first, because librdkafka would wait in vain for more at the end of each batch.
    const std::size_t queued = rd_kafka_queue_length(queue_.get());
    if (queued == 0) return nullptr;
    scratch_.resize(std::min(queued, record_count_max));
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), 0, scratch_.data(), scratch_.size());
    if (count < 0) throw error_of(rd_kafka_last_error(), "fetch of " + text_of(partition_));
    auto fetched = take(static_cast<std::size_t>(count));
    if (fetched) return fetched;
  }
  throw *failure_;
}

std::unique_ptr<FetchedRecords> Reader::take(std::size_t count) {
  if (count == 0) return nullptr;
  auto fetched = std::make_unique<Fetched>(context_.client, count);
  std::int64_t next = position();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    MessagePtr message{std::exchange(scratch_[i], nullptr)};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      place_->store(next, std::memory_order_relaxed);
      take_event(*message);
      next = position();
      continue;
    }
    end_.store(-1, std::memory_order_relaxed);
    if (message->offset < next) continue;
    next = message->offset + 1;
    bytes += message->len + message->key_len;
    fetched->add(std::move(message));
  }
  place_->store(next, std::memory_order_relaxed);
  wake_fetcher_if_drained(rd_kafka_queue_length(queue_.get()), count, bytes);
  if (fetched->records().empty()) return nullptr;
  return fetched;
}

void Reader::take_event(const rd_kafka_message_s& event) {
  if (event.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    note_end(event.offset);
    return;
  }
  KafkaError error = error_of(event.err, text_of(partition_), rd_kafka_message_errstr(&event));
  if (passes_by_itself(event.err)) {
    context_.errors->put(std::move(error));
  } else if (!failure_) {
    failure_ = std::move(error);
  }
}

void Reader::note_end(std::int64_t offset) {
  end_.store(offset, std::memory_order_relaxed);
  // Behind control records, aborted ones and holes: nothing else comes before.
  place_->store(std::max(position(), offset), std::memory_order_relaxed);
}

bool Reader::is_at_end() const {
  return end_.load(std::memory_order_relaxed) >= 0 && rd_kafka_queue_length(queue_.get()) == 0;
}

std::optional<std::int64_t> Reader::end_offset() const {
  if (const std::int64_t end = end_.load(std::memory_order_relaxed); end >= 0) return end;
  std::int64_t first = 0;
  std::int64_t end = RD_KAFKA_OFFSET_INVALID;
  const auto code = rd_kafka_get_watermark_offsets(context_.client.get(), partition_.topic.c_str(),
                                                   partition_.partition, &first, &end);
  return code != RD_KAFKA_RESP_ERR_NO_ERROR || end < 0 ? std::nullopt : std::optional{end};
}

// A partition that has filled its queue is left alone by librdkafka; when all of a broker are, its
// thread sleeps for up to a second, whatever is read meanwhile. So: once per filled queue, when
// half of it was read, wake it.
void Reader::wake_fetcher_if_drained(std::size_t queued, std::size_t taken, std::size_t bytes) {
  if (!context_.wake_fetcher) return;
  const std::size_t mean = bytes / taken + 1;
  const std::size_t full = std::min(context_.ahead_records_max, context_.ahead_bytes_max / mean);
  if (queued >= full) {
    was_full_ = true;
  } else if (was_full_ && queued < full / 2) {
    was_full_ = false;
    context_.wake_fetcher();
  }
}

}  // namespace weir::inline v0::kafka::librdkafka
