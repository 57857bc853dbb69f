// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/kafka/session.hpp"
#include "weir/error.hpp"
#include "weir/exchange_topics.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// Decodes the records of one partition. `Decode` makes a T of (fetched, index, partition), and
/// throws BadRecord for what cannot be used.
template <class T, class Decode>
class TopicSplitReader final : public SplitReader<T> {
 public:
  TopicSplitReader(std::unique_ptr<PartitionInput> input, const Decode& decode)
      : input_{std::move(input)}, decode_{decode} {}

  Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
    const PartitionPoll found = input_->poll(max_records);
    for (std::size_t index = 0; index < found.count; ++index) add(out, *found.fetched, index);
    return found.poll;
  }
  Position position() const override { return input_->position(); }
  std::uint64_t record_number() const override { return input_->offset(); }
  std::optional<std::uint64_t> lag() const override { return input_->lag(); }

 private:
  void add(RecordBatch<T>& out, const kafka::FetchedRecords& fetched, std::size_t index) const {
    const kafka::RecordView& record = fetched.records()[index];
    out.add_bytes(record.value.value_or("").size() + record.key.value_or("").size());
    try {
      out.push(decode_(fetched, index, input_->partition()), record.time);
    } catch (const BadRecord& bad) {
      out.push_bad(record.value.value_or(""), static_cast<std::uint64_t>(record.offset),
                   bad.what());
    }
  }

  const std::unique_ptr<PartitionInput> input_;
  const Decode& decode_;  // The source's, which lives as long as the job.
};

/// Topics as a source: one split per partition, named "topic/partition".
template <class T, class Decode>
class TopicSource final : public Source<T> {
 public:
  TopicSource(std::shared_ptr<KafkaSession> session, TopicSourceSpec spec, Decode decode)
      : session_{std::move(session)},
        number_{session_->add_source(std::move(spec))},
        decode_{std::move(decode)} {}

  bool is_bounded() const override { return session_->is_bounded(number_); }
  bool has_event_time() const override { return true; }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return session_->faults(options);
  }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return session_->splits(number_, context);
  }
  std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                       const std::optional<Position>& position,
                                       const SourceContext& context) override {
    return std::make_unique<TopicSplitReader<T, Decode>>(
        session_->open_split(number_, split, position, context), decode_);
  }
  std::optional<std::string> partitioned_topic() const override {
    return session_->single_topic(number_);
  }
  std::uint32_t partition_count() override { return session_->partition_count(number_); }
  std::uint32_t partition_of(const SplitId& split) const override {
    return session_->partition_number(split);
  }
  std::shared_ptr<ExchangeTopics> exchange_topics() override {
    return kafka_exchange_topics(session_);
  }
  std::shared_ptr<Participant> participant() override { return session_; }
  std::shared_ptr<CommitAuthority> authority() override { return session_; }

 private:
  const std::shared_ptr<KafkaSession> session_;  // Shared by the sources and sinks of the job.
  const std::size_t number_;
  const Decode decode_;
};

}  // namespace weir::inline v0::detail
