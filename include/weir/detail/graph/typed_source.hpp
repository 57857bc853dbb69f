// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/dead_letter.hpp"
#include "weir/detail/dataflow/outlet.hpp"
#include "weir/detail/graph/node.hpp"
#include "weir/error.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// Polls one split and passes on what it found: records and dead letters.
template <class T>
class SourcePump final : public SplitPump {
 public:
  SourcePump(std::unique_ptr<SplitReader<T>> reader, std::string node, PumpOptions options)
      : reader_{std::move(reader)}, node_{std::move(node)}, options_{std::move(options)} {}

  void connect(std::size_t outlet, Link link) override {
    if (outlet == 0) {
      records_.connect(link);
    } else {
      letters_.connect(link);
    }
  }
  bool ready() const override { return records_.consumers_ready() && letters_.consumers_ready(); }

  PumpResult pump(std::size_t max_records) override {
    const Ref<OwnedBatch<T>> batch = pool_.take();
    batch->clear();
    RecordBatch<T> found{*batch};
    const std::uint64_t first = reader_->record_number();
    const Poll poll = reader_->poll(found, max_records);
    const std::size_t bad = found.bad().size();
    if (found.size() + bad == 0) {
      if (found.watermark()) pass_watermark(*found.watermark());
      return {poll, 0};
    }
    set_origin(*batch, first, reader_->record_number() - first == found.size());
    count(*batch, found);
    // Under OnError::fail nothing of the batch goes on.
    for (const auto& record : found.bad()) refuse(record);
    letters_.flush();
    records_.pass(view_of(*batch, found));
    return {poll, found.size() + bad};
  }

  Position position() const override { return reader_->position(); }
  std::optional<std::uint64_t> lag() const override { return reader_->lag(); }
  void pass_watermark(EventTime watermark) override {
    letters_.watermark(watermark);
    records_.watermark(watermark);
  }
  void pass_idle(bool is_idle) override {
    letters_.idle(is_idle);
    records_.idle(is_idle);
  }
  void pass_end() override {
    letters_.end();
    records_.end();
  }

 private:
  void set_origin(OwnedBatch<T>& batch, std::uint64_t first, bool is_exact) const {
    batch.origin.split = options_.split_label;
    batch.origin.first_position = first;
    batch.origin.is_exact = is_exact;
    batch.origin.read_at_ns = options_.clock != nullptr ? options_.clock->monotonic_ns() : 0;
  }
  void count(OwnedBatch<T>& batch, const RecordBatch<T>& found) {
    if (options_.metrics != nullptr) {
      options_.metrics->bytes_in.add(batch.bytes);
      options_.metrics->records_in.add(found.size() + found.bad().size());
      options_.metrics->records_out.add(found.size());
    }
    batch.records = static_cast<std::uint32_t>(found.size());
    batch.bytes = std::max(batch.bytes, found.size() * sizeof(T));
  }
  static BatchView<T> view_of(OwnedBatch<T>& batch, const RecordBatch<T>& found) {
    if (found.lent() == nullptr) return batch.view();
    return {&batch, found.lent(), nullptr, nullptr, static_cast<std::uint32_t>(found.lent_count())};
  }
  void refuse(const typename RecordBatch<T>::Bad& bad) {
    NodeMetrics* const metrics = options_.metrics;
    if (metrics != nullptr) metrics->undecodable.add();
    const std::string split = options_.split_label != nullptr ? *options_.split_label : "";
    switch (options_.on_error.action) {
      case OnError::Action::fail:
        throw OperatorError{node_, split, std::to_string(bad.position), bad.reason};
      case OnError::Action::skip:
        if (metrics != nullptr) metrics->skipped.add();
        return;
      case OnError::Action::dead_letter:
        if (metrics != nullptr) metrics->dead_lettered.add();
        letters_.emit({bad.bytes, node_, split, bad.position, bad.reason}, EventTime::min());
    }
  }

  std::unique_ptr<SplitReader<T>> reader_;
  const std::string node_;
  const PumpOptions options_;
  BatchPool<OwnedBatch<T>> pool_;
  Outlet<T> records_;
  Outlet<DeadLetter> letters_;
};

template <class T>
class TypedSource final : public AnySource {
 public:
  explicit TypedSource(std::shared_ptr<Source<T>> source) : source_{std::move(source)} {}

  bool is_bounded() const override { return source_->is_bounded(); }
  bool is_replayable() const override { return source_->is_replayable(); }
  bool has_event_time() const override { return source_->has_event_time(); }
  std::vector<std::string> faults() const override { return source_->faults(); }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return source_->job_faults(options);
  }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return source_->splits(context);
  }
  std::unique_ptr<SplitPump> open(const SplitId& split, const std::optional<Position>& position,
                                  const SourceContext& context, PumpOptions options) override {
    return std::make_unique<SourcePump<T>>(source_->open(split, position, context), context.node,
                                           std::move(options));
  }
  void committed(const SplitId& split, const Position& position) override {
    source_->committed(split, position);
  }
  void job_ended() override { source_->job_ended(); }
  std::optional<std::string> partitioned_topic() const override {
    return source_->partitioned_topic();
  }
  std::uint32_t partition_count() override { return source_->partition_count(); }
  std::uint32_t partition_of(const SplitId& split) const override {
    return source_->partition_of(split);
  }
  std::shared_ptr<ExchangeTopics> exchange_topics() override { return source_->exchange_topics(); }
  const void* identity() const override { return source_.get(); }
  std::shared_ptr<Participant> participant() override { return source_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return source_->authority(); }

 private:
  const std::shared_ptr<Source<T>> source_;  // The user may keep it, to push into it.
};

template <class T>
class TypedSink final : public AnySink {
 public:
  explicit TypedSink(std::shared_ptr<Sink<T>> sink) : sink_{std::move(sink)} {}

  Guarantee strongest_guarantee() const override { return sink_->strongest_guarantee(); }
  std::vector<std::string> faults() const override { return sink_->faults(); }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return sink_->job_faults(options);
  }
  void open(const SinkContext& context, std::size_t writers) override {
    sink_->open(context, writers);
  }
  const void* identity() const override { return sink_.get(); }
  std::shared_ptr<Participant> participant() override { return sink_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return sink_->authority(); }

 private:
  const std::shared_ptr<Sink<T>> sink_;  // The user may keep it, to read from it.
};

/// User code at the end of a stream: calls come again after a crash.
class ForEachSink final : public AnySink {
 public:
  Guarantee strongest_guarantee() const override { return Guarantee::at_least_once; }
  std::vector<std::string> faults() const override { return {}; }
  std::vector<std::string> job_faults(const JobOptions&) const override { return {}; }
  void open(const SinkContext&, std::size_t) override {}
  const void* identity() const override { return nullptr; }
  std::shared_ptr<Participant> participant() override { return nullptr; }
  std::shared_ptr<CommitAuthority> authority() override { return nullptr; }
};

}  // namespace weir::inline v0::detail
