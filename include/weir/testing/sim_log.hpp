// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/clock.hpp"
#include "weir/error.hpp"
#include "weir/export.hpp"
#include "weir/kafka_client.hpp"
#include "weir/testing/effects.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::testing {

/// One partition of a topic; as text "orders/3".
struct LogPartition {
  std::string topic;
  std::uint32_t number = 0;
  friend auto operator<=>(const LogPartition&, const LogPartition&) = default;
};
WEIR_API std::string to_string(const LogPartition& partition);

/// What producers append and readers get.
struct LogRecord {
  std::optional<std::string> key{};
  std::optional<std::string> value{};  ///< nullopt: a tombstone.
  std::vector<kafka::Header> headers{};
  EventTime time{};
  friend bool operator==(const LogRecord&, const LogRecord&) = default;
};

/// A consumer group's place in a partition.
struct LogOffset {
  std::uint64_t offset = 0;  ///< Of the next record to read.
  std::string metadata;
  friend bool operator==(const LogOffset&, const LogOffset&) = default;
};
using LogOffsets = std::map<LogPartition, LogOffset>;

/// The log refused, and what the transaction held will never be seen.
class WEIR_API LogError : public IoError {
 public:
  using IoError::IoError;
};
/// Another producer has taken over the transactional id, or the transaction ran out of time.
class WEIR_API ProducerFenced final : public LogError {
 public:
  using LogError::LogError;
};

/// Whose records a reader sees.
enum class Isolation : std::uint8_t {
  read_uncommitted,  ///< All, also of transactions that are open or were aborted.
  read_committed,    ///< Up to the first record of an open transaction, without aborted ones.
};

/// How often which failure happens, as probabilities.
struct LogFaults {
  double append_fails = 0;        ///< The batch is not in the log, the transaction is broken.
  double commit_refused = 0;      ///< The transaction is aborted instead.
  double commit_undecided = 0;    ///< Nothing has happened yet, and it says so.
  double commit_unfinished = 0;   ///< Decided; the markers that make it visible are missing.
  double commit_answer_lost = 0;  ///< Committed, and the producer does not learn it.
  /// The id is taken over before a commit; not more often than every 20 s.
  double fenced = 0;
  double fetch_fails = 0;
};

/// One session of a transactional producer. Not thread-safe.
class WEIR_API LogProducer {
 public:
  virtual ~LogProducer() = default;

  /// A transaction starts with the first append() or send_offsets() after this.
  virtual void begin() = 0;
  virtual void append(const LogPartition& partition, const std::vector<LogRecord>& records) = 0;
  /// The group's places become these when the transaction commits, and never otherwise.
  virtual void send_offsets(const std::string& group, const LogOffsets& offsets) = 0;
  /// True: committed. False: not known; to be called again. Throws: LogError when it was not and
  /// will not be.
  virtual bool commit() = 0;
  virtual void abort() = 0;
};

/// A broker in memory with the semantics of Kafka's transactions: the world outside of a simulated
/// job, which survives the job's crashes.
///
/// - Aborted records and the marker that ends a transaction in each of its partitions occupy
///   offsets: positions of readers jump.
/// - A read_committed reader gets nothing from the first record of an open transaction on.
/// - A transactional id has one live session: init_producer() aborts or finishes the transaction
///   of the one before, and every later call of that one throws ProducerFenced.
/// - A transaction that is older than its timeout (by the clock) is aborted, its producer fenced.
/// - The places of a group that a transaction is about to change are undecided until it ends.
///
///     SimLog log{effects, clock};
///     log.create_topic("orders", 2);
///     log.append({"orders", 0}, {.key = "k", .value = "v"});
///
/// Calls of producers are numbered effects; what tests append and read is not.
/// Thread safety: any thread.
class WEIR_API SimLog final {
 public:
  /// Both outlive the log. `seed`: of the faults.
  SimLog(Effects& effects, const Clock& clock, std::uint64_t seed = 1);
  SimLog(const SimLog&) = delete;
  SimLog& operator=(const SimLog&) = delete;
  ~SimLog();

  /// Throws ConfigError when it exists with another number of partitions.
  void create_topic(const std::string& topic, std::uint32_t partitions);
  /// Throws LogError for a topic that does not exist.
  std::uint32_t partition_count(const std::string& topic) const;
  /// All topics, with the number of their partitions.
  std::map<std::string, std::uint32_t> topics() const;
  /// The topic has so many partitions from now on. Throws ConfigError for fewer than it has.
  void grow_topic(const std::string& topic, std::uint32_t partitions);
  /// Records and partitions are gone; places of groups are not.
  void delete_topic(const std::string& topic);
  /// Deletes the records before `offset`; positions in front of it go on from there. Throws
  /// LogError when the partition ends before it.
  void delete_records(const LogPartition& partition, std::uint64_t offset);
  /// The first offset that was not deleted.
  std::uint64_t first_offset(const LogPartition& partition) const;

  /// Appends one record outside of any transaction. Returns its offset.
  std::uint64_t append(const LogPartition& partition, LogRecord record);
  /// One past the last offset.
  std::uint64_t end_offset(const LogPartition& partition) const;
  /// The first offset that a read_committed reader does not get past.
  std::uint64_t last_stable_offset(const LogPartition& partition) const;

  struct Fetched {
    /// With their offsets.
    std::vector<std::pair<std::uint64_t, LogRecord>> records;
    std::uint64_t next_offset = 0;  ///< Where to go on: past markers and aborted records.
  };
  /// Up to `record_count_max` records from `offset` on.
  Fetched fetch(const LogPartition& partition, std::uint64_t offset, std::size_t record_count_max,
                Isolation isolation) const;
  /// Everything that is committed in a topic, partition by partition.
  std::vector<LogRecord> committed_records(const std::string& topic) const;

  /// Starts a session. `timeout`: how long a transaction may stay open. `process`: whose effects
  /// its calls are; null: those of the log.
  std::unique_ptr<LogProducer> init_producer(const std::string& transactional_id, Duration timeout,
                                             Effects* process = nullptr);

  /// Which places of a group are known. With `require_stable`, those that an open transaction is
  /// about to change are undecided.
  struct Places {
    bool is_undecided = false;  ///< Any of them.
    std::set<LogPartition> undecided;
    LogOffsets offsets;
  };
  Places places(const std::string& group, bool require_stable = true) const;
  /// Changes places outside of any transaction.
  void set_places(const std::string& group, const LogOffsets& offsets);
  /// As when they have expired.
  void forget_places(const std::string& group);

  void set_faults(const LogFaults& faults);
  /// Draws whether a fault happens now: for what else belongs to the broker's world.
  bool happens(double LogFaults::*fault);
  /// Transactions begun and not yet ended.
  std::size_t open_transaction_count() const;
  /// Calls `listener` whenever there may be more to read, until the returned handle goes. It may
  /// be called by any thread and must not call the log.
  std::shared_ptr<void> listen(std::function<void()> listener);

 private:
  class Shared;
  class Producer;

  const std::shared_ptr<Shared> shared_;  // Shared with producers and listeners' handles.
};

}  // namespace weir::inline v0::testing
