// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weir/testing/sim_log.hpp"

namespace weir::inline v0::testing {

/// What is in a simulated log: partitions, transactions, places of groups. Knows no clock, no
/// faults, no threads.
///
/// Invariants:
/// 1. The offset of an entry is its place in its partition; entries never change, and go with
///    their topic only.
/// 2. A transactional id has at most one transaction that has not ended, of its latest epoch.
/// 3. A transaction that has ended has a marker in every partition that it wrote to.
class LogState final {
 public:
  /// A producer's right to act: it is gone once the id has a higher epoch.
  struct Session {
    std::string id;
    std::uint64_t epoch = 0;
  };
  enum class Outcome : std::uint8_t { commit, abort };

  void create_topic(const std::string& topic, std::uint32_t partitions);
  std::uint32_t partition_count(const std::string& topic) const;
  std::map<std::string, std::uint32_t> topics() const;
  void grow_topic(const std::string& topic, std::uint32_t partitions);
  void delete_topic(const std::string& topic) { topics_.erase(topic); }
  /// Forgets what is before `offset`.
  void delete_records(const LogPartition& partition, std::uint64_t offset);
  /// The first offset that is not deleted.
  std::uint64_t first_offset(const LogPartition& partition) const;

  std::uint64_t append(const LogPartition& partition, LogRecord record);
  std::uint64_t end_offset(const LogPartition& partition) const;
  std::uint64_t last_stable_offset(const LogPartition& partition) const;
  SimLog::Fetched fetch(const LogPartition& partition, std::uint64_t offset,
                        std::size_t record_count_max, Isolation isolation) const;
  SimLog::Places places(const std::string& group, bool require_stable) const;
  void set_places(const std::string& group, const LogOffsets& offsets);
  void forget_places(const std::string& group) { places_.erase(group); }

  /// Fences the id's sessions so far and ends what they left open: a decided transaction is
  /// finished, any other aborted.
  Session init(const std::string& id, std::int64_t timeout_ns);
  /// Aborts what has been open for longer than its timeout, and fences its producer.
  void expire(std::int64_t now_ns);
  /// Throws: ProducerFenced.
  void check(const Session& session) const;
  void append(const Session& session, std::int64_t now_ns, const LogPartition& partition,
              const std::vector<LogRecord>& records);
  void send_offsets(const Session& session, std::int64_t now_ns, const std::string& group,
                    const LogOffsets& offsets);
  /// Decides, without the markers that make it known.
  void decide_commit(const Session& session);
  /// Ends the session's transaction, if it has one; one that is decided is committed whatever
  /// `outcome` says.
  void end(const Session& session, Outcome outcome);
  std::size_t open_transaction_count() const;

 private:
  enum class Phase : std::uint8_t { open, decided, committed, aborted };
  struct Transaction {
    Phase phase = Phase::open;
    std::int64_t start_ns = 0;
    std::map<LogPartition, std::uint64_t> first_offsets;
    std::map<std::string, LogOffsets> offsets;  // By group.
  };
  struct Producer {
    std::uint64_t epoch = 0;
    std::int64_t timeout_ns = 0;
    std::size_t transaction = 0;  // One past its index; 0: none that has not ended.
  };
  struct Entry {
    LogRecord record;
    std::size_t transaction = 0;
    bool is_marker = false;
    bool is_deleted = false;
  };
  using Partition = std::vector<Entry>;

  Partition& partition(const LogPartition& partition);
  const Partition& partition(const LogPartition& partition) const;
  Transaction& running(const Session& session, std::int64_t now_ns);
  void end(Producer& producer, Outcome outcome);
  bool is_visible(const Entry& entry, Isolation isolation) const;
  bool has_ended(const Transaction& transaction) const noexcept;

  std::map<std::string, std::vector<Partition>> topics_;
  std::vector<Transaction> transactions_;
  std::map<std::string, Producer> producers_;
  std::map<std::string, LogOffsets> places_;
};

}  // namespace weir::inline v0::testing
