// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "weir/commit.hpp"
#include "weir/export.hpp"
#include "weir/ids.hpp"
#include "weir/testing/sim_log.hpp"

namespace weir::inline v0 {
class ExchangeTopics;
}

namespace weir::inline v0::testing {

class LogCommit;

/// The writing end of one task. One thread.
class WEIR_API LogWriter {
 public:
  virtual ~LogWriter() = default;
  /// False while the buffer behind a barrier is full.
  virtual bool ready() const = 0;
  /// Adds to the transaction of the checkpoint to come; after barrier(N) and until N is committed
  /// to the buffer, whose content goes into the next transaction first of all.
  virtual void write(LogRecord record) = 0;
  /// The same to a partition that the key does not decide.
  virtual void write_to(std::uint32_t partition, LogRecord record) = 0;
  virtual void barrier(CheckpointId checkpoint) = 0;
};

/// The connection of one job to a SimLog, shared by all its log sources and sinks. With
/// exactly_once the transaction is the commit point: output and the places of all input are
/// committed in one transaction per checkpoint, and the places name the checkpoint in their
/// metadata, `v1;t=<timeline>;i=<instance>;n=<N>`. The consumer group is the job's name, the
/// transactional id
/// `<job>.<instance>`. A job without a log source keeps its pointer in the group
/// `<job>.<instance>.weir` on partition 0 of the pointer topic.
///
///     auto client = std::make_shared<LogClient>(log);
///     topology.source("orders", log_source<Order>(client, "orders", decode))
///         ...
///         .to("alerts", log_sink<Alert>(client, "alerts", encode));
///
/// Make one for each job, and anew with each topology.
class WEIR_API LogClient final {
 public:
  struct Options {
    /// How long a transaction may stay open; the interval of checkpoints has to be shorter.
    Duration transaction_timeout{60'000};
    /// Records that one task buffers at most between a barrier and its commit.
    std::size_t gate_record_count_max = 1'000;
    /// Records that go into the log together.
    std::size_t batch_records = 100;
    /// Of a job without a log source; empty: the first topic written to, by name.
    std::string pointer_topic{};
    /// The numbers of the partitions that this process reads of every topic, as if a group had
    /// assigned them; nullopt: all. Processes that share a job read different ones.
    std::optional<std::set<std::uint32_t>> assigned{};
  };

  /// The log outlives the client.
  explicit LogClient(SimLog& log) : LogClient(log, Options{}) {}
  LogClient(SimLog& log, Options options);
  LogClient(const LogClient&) = delete;
  LogClient& operator=(const LogClient&) = delete;
  ~LogClient();

  SimLog& log() const noexcept { return log_; }
  std::shared_ptr<Participant> participant() const;
  std::shared_ptr<CommitAuthority> authority() const;

  /// The partitions, by number, that the job reads of each topic; other processes read the rest. A
  /// job that runs hands over first: they change when open_count() does. Any thread.
  void assign(std::set<std::uint32_t> partitions, const std::string& reason);
  /// How often the job has opened its authority. Any thread.
  std::uint32_t open_count() const;

  // For sources and sinks.

  /// `topic` is read by this job. Throws ConfigError when it is already: a group has one place.
  void add_source(const std::string& topic);
  void add_sink(const std::string& topic);
  /// The splits of a source, one per partition that the job reads, and the name of its node.
  std::vector<SplitId> splits(const std::string& topic, const std::string& node);
  std::unique_ptr<LogWriter> writer(const std::string& topic, std::function<void()> wake);
  /// Repartition topics in the log. `client` is this one.
  static std::shared_ptr<ExchangeTopics> exchange_topics(const std::shared_ptr<LogClient>& client);

 private:
  SimLog& log_;
  const std::shared_ptr<LogCommit> commit_;  // Shared with the job and all writers.
};

/// Reads one partition; what a log source's split reader is made of. One thread.
class WEIR_API LogReader final {
 public:
  /// `position`: as position() gave it; empty: the beginning. A bounded one ends where a
  /// read_committed reader would get to now.
  LogReader(SimLog& log, LogPartition partition, const Position* position, bool is_bounded);

  std::vector<std::pair<std::uint64_t, LogRecord>> read(std::size_t record_count_max);
  bool has_ended() const noexcept { return is_bounded_ && next_ >= end_; }
  std::uint64_t next_offset() const noexcept { return next_; }
  Position position() const;
  std::uint64_t lag() const;

 private:
  SimLog& log_;
  const LogPartition partition_;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
  const bool is_bounded_;
};

/// Takes "orders/3" apart. Throws: CorruptState.
WEIR_API LogPartition partition_of(const SplitId& split);

}  // namespace weir::inline v0::testing
