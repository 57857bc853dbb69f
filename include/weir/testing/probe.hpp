// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/record.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0::testing {

/// A sink that a test looks into: values and event times in the order of arrival. Goes with Driver.
///
///     Probe<Count> counts;
///     stream.to("counts", counts.sink());
///     ...
///     EXPECT_THAT(counts.take(), ElementsAre(...));
///
/// Exactly-once: a restart takes away what came after the checkpoint, so that the replay does not
/// show twice. What take() gave is gone, though. Not thread-safe: Driver has one thread.
template <class T>
class Probe final {
 public:
  /// Several probes of one topology need different names.
  explicit Probe(std::string name = "probe") : shared_{std::make_shared<Shared>()} {
    shared_->name = std::move(name);
  }

  /// What Stream::to takes.
  std::shared_ptr<Sink<T>> sink() const { return std::make_shared<ProbeSink>(shared_); }

  /// What has arrived since the last take(), with event times (EventTime::min() without).
  std::vector<Record<T>> take_records() {
    std::vector<Record<T>> records;
    for (Entry& entry : shared_->entries) records.push_back(std::move(entry.record));
    shared_->entries.clear();
    return records;
  }
  std::vector<T> take() {
    std::vector<T> values;
    for (Record<T>& record : take_records()) values.push_back(std::move(record.value));
    return values;
  }
  std::size_t size() const noexcept { return shared_->entries.size(); }
  /// While it is full, the stream has to wait.
  void set_full(bool is_full) noexcept { shared_->is_full = is_full; }

 private:
  struct Entry {
    Record<T> record;
    std::uint64_t checkpoint;  ///< The one that the record belongs to; 0: an earlier attempt's.
  };
  struct Shared {
    std::string name;
    std::vector<Entry> entries;
    bool is_full = false;
  };

  class Writer final : public SinkWriter<T> {
   public:
    explicit Writer(std::shared_ptr<Shared> shared) : shared_{std::move(shared)} {}
    bool ready() const override { return !shared_->is_full; }
    void write(const Records<T>& records) override {
      for (std::uint32_t i = 0; i < records.count; ++i) {
        shared_->entries.push_back({{records.value(i), records.time(i)}, checkpoint_});
      }
    }
    void barrier(CheckpointId checkpoint) override { checkpoint_ = checkpoint.value + 1; }

   private:
    const std::shared_ptr<Shared> shared_;  // The test's own.
    std::uint64_t checkpoint_ = 1;          // Numbers start anew in each attempt.
  };

  class Truncation final : public Participant {
   public:
    explicit Truncation(std::shared_ptr<Shared> shared) : shared_{std::move(shared)} {}
    std::string name() const override { return shared_->name; }
    std::string stage(CheckpointId) override { return {}; }
    void publish(CheckpointId) override {}
    void restore(const std::optional<CheckpointName>& checkpoint, std::string_view) override {
      std::vector<Entry>& entries = shared_->entries;
      if (!checkpoint) return entries.clear();
      // The same as the last time: the attempt in between committed nothing.
      const std::uint64_t last = checkpoint == restored_ ? 0 : checkpoint->id.value;
      const auto is_later = [&](const Entry& entry) { return entry.checkpoint > last; };
      entries.erase(std::remove_if(entries.begin(), entries.end(), is_later), entries.end());
      for (Entry& entry : entries) entry.checkpoint = 0;
      restored_ = checkpoint;
    }

   private:
    const std::shared_ptr<Shared> shared_;  // The test's own.
    std::optional<CheckpointName> restored_;
  };

  class ProbeSink final : public Sink<T> {
   public:
    explicit ProbeSink(std::shared_ptr<Shared> shared)
        : shared_{std::move(shared)}, truncation_{std::make_shared<Truncation>(shared_)} {}
    Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
    std::unique_ptr<SinkWriter<T>> writer(const SinkContext&) override {
      return std::make_unique<Writer>(shared_);
    }
    std::shared_ptr<Participant> participant() override { return truncation_; }

   private:
    const std::shared_ptr<Shared> shared_;           // The test's own.
    const std::shared_ptr<Participant> truncation_;  // Shared with the job.
  };

  const std::shared_ptr<Shared> shared_;  // Shared with the sink, which the topology owns.
};

}  // namespace weir::inline v0::testing
