// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/kafka/latest_records.hpp"
#include "weir/detail/kafka/session.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0::detail {

/// How a record of type T becomes one of a topic. Empty functions: not wanted.
template <class T>
struct TopicEncoding {
  /// Appends the key's bytes; returns whether there is a key.
  std::function<bool(const T&, std::string&)> key;
  /// Appends the value's bytes; returns whether there is a value (else it is a tombstone).
  std::function<bool(const T&, std::string&)> value;
  std::function<std::int32_t(const T&)> partition;
  std::function<std::string(const T&)> topic;
  std::function<std::vector<kafka::Header>(const T&)> headers;
  std::function<EventTime(const T&)> time;
  /// Only the last record of each key between two checkpoints.
  bool is_latest_only = false;
};

/// Encodes the records of one task.
template <class T>
class TopicSinkWriter final : public SinkWriter<T> {
 public:
  TopicSinkWriter(std::unique_ptr<TopicWriter> out, const TopicEncoding<T>& encoding)
      : out_{std::move(out)}, encoding_{encoding} {}

  bool ready() const override { return out_->ready(); }
  void write(const Records<T>& records) override {
    EncodedRecords& out = encoding_.is_latest_only ? scratch_ : out_->records();
    for (std::uint32_t i = 0; i < records.count; ++i) {
      add(records.value(i), records.time(i), out);
    }
    if (!encoding_.is_latest_only) return out_->send();
    latest_.take(scratch_);
    if (latest_.byte_count() > kLatestBytesMax) pass_latest();
  }
  void barrier(CheckpointId checkpoint) override {
    pass_latest();
    out_->barrier(checkpoint);
  }
  void end() override {
    pass_latest();
    out_->end();
  }

 private:
  /// More than so much is not held back, however often a key may change again.
  static constexpr std::size_t kLatestBytesMax = std::size_t{16} << 20;

  void pass_latest() {
    if (!encoding_.is_latest_only) return;
    latest_.move_to(out_->records());
    out_->send();
  }

  void add(const T& value, EventTime time, EncodedRecords& out) {
    try {
      if (encoding_.key && encoding_.key(value, out.bytes())) out.key_done();
      const bool has_value = encoding_.value(value, out.bytes());
      if (encoding_.topic) out.next().topic = out_->topic(encoding_.topic(value));
      if (encoding_.partition) out.next().partition = encoding_.partition(value);
      if (encoding_.headers) out.next().headers = encoding_.headers(value);
      out.add(encoding_.time ? encoding_.time(value) : time, has_value);
    } catch (...) {
      out.drop_next();
      throw;
    }
  }

  const std::unique_ptr<TopicWriter> out_;
  const TopicEncoding<T>& encoding_;  // The sink's, which lives as long as the job.
  EncodedRecords scratch_;
  LatestRecords latest_;
};

/// Writes to a topic, in the job's transaction.
template <class T>
class TopicSink final : public Sink<T> {
 public:
  TopicSink(std::shared_ptr<KafkaSession> session, TopicSinkSpec spec, TopicEncoding<T> encoding)
      : session_{std::move(session)},
        number_{session_->add_sink(std::move(spec))},
        encoding_{std::move(encoding)} {}

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return session_->faults(options);
  }
  void open(const SinkContext& context, std::size_t writers) override {
    session_->open_sink(number_, context, writers);
  }
  std::unique_ptr<SinkWriter<T>> writer(const SinkContext& context) override {
    return std::make_unique<TopicSinkWriter<T>>(session_->writer(number_, context), encoding_);
  }
  std::shared_ptr<Participant> participant() override { return session_; }
  std::shared_ptr<CommitAuthority> authority() override { return session_; }

 private:
  const std::shared_ptr<KafkaSession> session_;  // Shared by the sources and sinks of the job.
  const std::size_t number_;
  const TopicEncoding<T> encoding_;
};

}  // namespace weir::inline v0::detail
