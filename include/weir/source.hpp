// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/detail/dataflow/batch.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0 {

class ExchangeTopics;
class FileSystem;
struct JobOptions;

/// Receives the records of one poll.
template <class T>
class RecordBatch {
 public:
  explicit RecordBatch(detail::OwnedBatch<T>& batch) noexcept : batch_{&batch} {}

  /// Adds a record without an event time of its own.
  void push(T value) { batch_->values.push_back(std::move(value)); }
  /// Adds a record with the event time that the source knows (a log's record time). All records
  /// of a source have one, or none has.
  void push(T value, EventTime time) {
    batch_->values.push_back(std::move(value));
    batch_->times.push_back(time);
  }
  /// Lends `count` records that the source keeps alive, unchanged, as long as the job. Only into
  /// an empty batch, and then nothing else is pushed.
  void lend(const T* values, std::size_t count) noexcept {
    lent_ = values;
    lent_count_ = count;
  }
  /// Counts input bytes, for the metrics.
  void add_bytes(std::size_t count) noexcept { batch_->bytes += count; }
  /// A record that cannot be decoded: the source node's OnError policy decides. `bytes` are the
  /// original ones, for a dead-letter sink.
  void push_bad(std::string_view bytes, std::uint64_t position, const std::string& reason) {
    bad_.push_back({std::string{bytes}, position, reason});
  }

  /// Says that event time has reached `watermark`: no record with this time or an earlier one is
  /// expected any more. Only of a source with has_watermarks(), and in a poll without records; a
  /// reader that said `nothing` says `pending` before it goes on.
  void watermark(EventTime watermark) noexcept { watermark_ = watermark; }
  const std::optional<EventTime>& watermark() const noexcept { return watermark_; }

  std::size_t size() const noexcept {
    return lent_ != nullptr ? lent_count_ : batch_->values.size();
  }

  struct Bad {
    std::string bytes;
    std::uint64_t position;
    std::string reason;
  };
  const std::vector<Bad>& bad() const noexcept { return bad_; }
  const T* lent() const noexcept { return lent_; }
  std::size_t lent_count() const noexcept { return lent_count_; }

 private:
  detail::OwnedBatch<T>* batch_;
  const T* lent_ = nullptr;
  std::size_t lent_count_ = 0;
  std::optional<EventTime> watermark_;
  std::vector<Bad> bad_;
};

/// What a poll found.
enum class Poll {
  records,  ///< At least one record (or bad record) was added, or a watermark.
  nothing,  ///< Nothing to fetch now; the reader calls wake() when there is.
  pending,  ///< There is something to fetch, but it is not here yet; wake() follows.
  ended,    ///< Bounded, and everything was read.
};

/// Reads one split. All calls come from one worker thread (not always the same one) and none
/// may block: a reader that does I/O does it on a thread of its own and calls `wake`.
template <class T>
class SplitReader {
 public:
  virtual ~SplitReader() = default;

  /// Adds up to `max_records` records.
  virtual Poll poll(RecordBatch<T>& out, std::size_t max_records) = 0;
  /// Of the next record that poll() would add.
  virtual Position position() const = 0;
  /// The number that error messages give the next record: a line, an offset, an index.
  virtual std::uint64_t record_number() const = 0;
  /// Records behind the end of the split, where the source knows it; for the lag metric.
  virtual std::optional<std::uint64_t> lag() const { return std::nullopt; }
};

/// What a source may use.
struct SourceContext {
  std::string node;      ///< The name of the source's node.
  std::string job;       ///< The topology's name.
  std::string instance;  ///< JobOptions::instance.
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  std::function<void()> wake;  ///< Makes the worker poll again; any thread, cheap.
  /// A world on one thread: poll() reads by itself, and may block; no threads are started.
  bool inline_io = false;
};

/// A source of records, as a connector implements it. Thread safety: splits() and open() are
/// called by one thread at a time; committed() by the storage thread.
template <class T>
class Source {
 public:
  using value_type = T;

  virtual ~Source() = default;

  /// True when the source ends: then the job ends with it.
  virtual bool is_bounded() const = 0;
  /// False when records cannot be read again after a crash: with exactly_once a ConfigError.
  virtual bool is_replayable() const { return true; }
  /// A fault of the configuration to report before anything runs; empty when there is none.
  virtual std::vector<std::string> faults() const { return {}; }
  /// The same of what depends on the job's options; asked when a job is made.
  virtual std::vector<std::string> job_faults(const JobOptions& options) const {
    (void)options;
    return {};
  }
  /// The splits there are, in a stable order. Throws IoError.
  virtual std::vector<SplitId> splits(const SourceContext& context) = 0;
  /// Opens a split at a position; nullopt: at its beginning. Throws IoError.
  virtual std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                               const std::optional<Position>& position,
                                               const SourceContext& context) = 0;
  /// `position` of `split` is in a committed checkpoint: what is before it may be acknowledged
  /// upstream.
  virtual void committed(const SplitId& split, const Position& position) {
    (void)split;
    (void)position;
  }
  /// The job is over, there will be no further attempt: who waits for records to be taken should
  /// give up. The last call, when all readers are gone.
  virtual void job_ended() {}
  /// Whether records carry an event time of their own.
  virtual bool has_event_time() const { return false; }
  /// Whether the source says itself how far event time has come, beside giving records their time;
  /// then its stream needs no event_time().
  virtual bool has_watermarks() const { return false; }
  /// The topic whose partitions the splits are: what keyed_by_partition() needs. nullopt: splits
  /// are no partitions.
  virtual std::optional<std::string> partitioned_topic() const { return std::nullopt; }
  /// Of a source with a partitioned_topic(): how many partitions there are, with those that other
  /// processes read. Asked at the start of each attempt, before splits(); may block. Throws
  /// IoError.
  virtual std::uint32_t partition_count() { return 0; }
  /// Of such a source: the number of the partition that a split is.
  virtual std::uint32_t partition_of(const SplitId& split) const {
    (void)split;
    return 0;
  }
  /// Topics in the source's cluster that records can go through on their way to the shards of other
  /// processes; null: there are none.
  virtual std::shared_ptr<ExchangeTopics> exchange_topics() { return nullptr; }
  /// What takes part in the commit, where the source needs it.
  virtual std::shared_ptr<Participant> participant() { return nullptr; }
  virtual std::shared_ptr<CommitAuthority> authority() { return nullptr; }
};

}  // namespace weir::inline v0
