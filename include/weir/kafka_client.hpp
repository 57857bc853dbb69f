// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/error.hpp"
#include "weir/time.hpp"

/// The door to Kafka: what weir asks of a client library, and nothing else. The real one is made of
/// librdkafka (weir::kafka); the simulated one lives in weir::testing. Users of weir pass one on,
/// they do not call it.
namespace weir::inline v0::kafka {

/// The broker or the client library failed. Ends the attempt, unless it says that the same call may
/// be repeated.
class WEIR_API KafkaError : public IoError {
 public:
  enum class Kind : std::uint8_t {
    retriable,  ///< Not decided yet: the same call again.
    failed,     ///< This client object is of no use any more; a new one may be.
    fenced,     ///< Another process has taken the place of this one.
    refused,    ///< Wrong however often it is tried: credentials, a version, an option.
  };
  /// `code`: the name of the error as Kafka knows it: "INVALID_PRODUCER_EPOCH".
  KafkaError(Kind kind, std::string code, const std::string& message);

  Kind kind() const noexcept { return kind_; }
  const std::string& code() const noexcept { return code_; }

 private:
  Kind kind_;
  std::string code_;
};

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// A committed place of a group: the next offset to read, and a note beside it.
struct CommittedOffset {
  std::int64_t offset = 0;
  std::string metadata;
  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};
using CommittedOffsets = std::map<TopicPartition, CommittedOffset>;

/// A header of a record that is read. Views live as long as the FetchedRecords.
struct HeaderView {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// A record that is read. Views live as long as the FetchedRecords that it came in.
struct RecordView {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  ///< Empty: a tombstone.
  std::int64_t offset = 0;
  EventTime time;  ///< As the topic has it: create time or log append time.
};

/// Records of one partition in order, with the memory that they lie in. May be given to another
/// thread; may outlive the partition's reader, and must not outlive the consumer.
class FetchedRecords {
 public:
  virtual ~FetchedRecords() = default;
  virtual const std::vector<RecordView>& records() const = 0;
  virtual std::vector<HeaderView> headers(std::size_t record) const = 0;
};

/// Reads one assigned partition from the offset it was assigned at. One thread at a time; another
/// one than that of Consumer::poll() may call it. Goes before the partition is given up.
class PartitionReader {
 public:
  virtual ~PartitionReader() = default;
  /// Up to `record_count_max` records that are here already; null when there are none. Never
  /// blocks.
  virtual std::unique_ptr<FetchedRecords> fetch(std::size_t record_count_max) = 0;
  /// The next offset to read; control records and aborted ones are behind it once it is known that
  /// nothing else comes before.
  virtual std::int64_t position() const = 0;
  /// True when everything up to what the broker called the end (a read_committed reader's) was
  /// fetched, and nothing is here that comes after. False before it is known.
  virtual bool is_at_end() const = 0;
  /// The end of the partition as last heard of; empty before that. Any thread.
  virtual std::optional<std::int64_t> end_offset() const = 0;
};

/// Which generation of a group a member belongs to: fences commits. Opaque.
class GroupMetadata {
 public:
  virtual ~GroupMetadata() = default;
};

/// What a consumer tells; all calls from within Consumer::poll().
struct ConsumerEvents {
  /// These partitions, and only these, are this member's now. Is followed by assign().
  std::function<void(const std::vector<TopicPartition>&)> on_assigned = {};
  /// The partitions stay this member's until this returns, unless `is_lost`: then others may have
  /// them already. All readers have to be gone when it returns.
  std::function<void(bool is_lost)> on_revoked = {};
  /// What the client library reports: most of it passes by itself.
  std::function<void(const KafkaError&)> on_error = {};
  /// Statistics of the client library, as JSON; see its STATISTICS.md.
  std::function<void(const std::string& json)> on_statistics = {};
};

/// A member of a consumer group. poll(), subscribe(), assign() and close() belong to one thread;
/// the rest is thread-safe.
class Consumer {
 public:
  virtual ~Consumer() = default;  ///< Closes, if that was not done.

  /// Topics by name, or patterns that start with '^'. Once.
  virtual void subscribe(const std::vector<std::string>& topics) = 0;
  /// Serves events, for up to `timeout`. Has to be called at all times.
  virtual void poll(Duration timeout) = 0;
  /// Reads the partitions of the last on_assigned() from these offsets on, instead of anything
  /// before. All readers have to be gone. Empty: reads nothing; after on_revoked() it gives the
  /// partitions up.
  virtual void assign(const std::map<TopicPartition, std::int64_t>& offsets) = 0;
  /// A reader of an assigned partition. `wake` is called, by any thread, when there may be
  /// something to fetch or the end was reached.
  virtual std::unique_ptr<PartitionReader> reader(const TopicPartition& partition,
                                                  std::function<void()> wake) = 0;
  /// Of the group, settled: waits for open transactions up to `timeout`, then throws (retriable).
  /// Partitions without a committed offset are left out.
  virtual CommittedOffsets committed(const std::vector<TopicPartition>& partitions,
                                     Duration timeout) = 0;
  /// Commits outside of a transaction, as the member that this is; returns when it is done.
  virtual void commit(const CommittedOffsets& offsets, Duration timeout) = 0;
  virtual std::shared_ptr<GroupMetadata> group_metadata() const = 0;
  /// Whether the member was told that it has lost its partitions.
  virtual bool is_assignment_lost() const = 0;
  /// Partitions of the topics that the names and patterns stand for now. A name without a topic is
  /// left out. Throws retriable.
  virtual std::vector<TopicPartition> partitions(const std::vector<std::string>& topics,
                                                 Duration timeout) = 0;
  /// First and one past the last offset that a read_committed reader sees.
  virtual std::pair<std::int64_t, std::int64_t> offset_range(const TopicPartition& partition,
                                                             Duration timeout) = 0;
  /// The first offset with at least this time; empty: all records are older.
  virtual std::optional<std::int64_t> offset_at(const TopicPartition& partition, EventTime time,
                                                Duration timeout) = 0;
  /// Leaves (a static member does not) and ends.
  virtual void close() = 0;
};

/// A header of a record to write.
struct Header {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// A record to write; everything is copied by produce().
struct RecordToWrite {
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};  ///< Empty: a tombstone.
  std::int32_t partition = 0;
  EventTime time = {};  ///< After 1970.
  const std::vector<Header>* headers = nullptr;
};

/// Writes records; with a transactional id, in transactions. Thread-safe: produce() is called by
/// workers while the storage thread ends transactions.
class Producer {
 public:
  virtual ~Producer() = default;

  /// Makes topic `name` known; returns how many partitions it has. Throws.
  virtual std::int32_t add_topic(const std::string& name, Duration timeout) = 0;
  /// Queues records for a topic that was added, in order; returns how many were taken. Fewer than
  /// given: the queue is full, and the `on_room` of the options follows. Throws what makes the
  /// transaction fail.
  virtual std::size_t produce(const std::string& topic,
                              const std::vector<RecordToWrite>& records) = 0;
  /// Waits until everything queued was delivered. Throws when a record was not.
  virtual void flush(Duration timeout) = 0;
  /// Records and bytes that are queued or in flight.
  virtual std::pair<std::uint64_t, std::uint64_t> queued() const = 0;

  // With a transactional id.

  /// Fences others with the same id, decides their transactions. First of all. Throws retriable.
  virtual void init_transactions(Duration timeout) = 0;
  virtual void begin_transaction() = 0;
  /// The group's places become these when the transaction commits. `group`: of a consumer, or null
  /// for a group that nobody joins, named `group_name`.
  virtual void send_offsets(const CommittedOffsets& offsets, const std::string& group_name,
                            const std::shared_ptr<GroupMetadata>& group, Duration timeout) = 0;
  /// Returns when the transaction is committed. Throws: retriable: not known yet, call again.
  virtual void commit_transaction(Duration timeout) = 0;
};

/// What a client is made from. Values of `config` are the client library's own.
struct ConsumerSettings {
  std::string brokers;
  std::string group;
  std::string member = {};  ///< Static membership; empty: none.
  Duration session_timeout{10'000};
  /// Bytes that all partitions together may hold fetched and not yet read.
  std::size_t fetch_bytes_max = std::size_t{64} << 20;
  std::map<std::string, std::string> config = {};
  ConsumerEvents events = {};
};

struct ProducerSettings {
  std::string brokers;
  std::string transactional_id = {};  ///< Empty: no transactions.
  Duration transaction_timeout{60'000};
  std::map<std::string, std::string> config = {};
  /// There is room in the queue again; any thread.
  std::function<void()> on_room = {};
  /// A record was not delivered, and will not be; any thread.
  std::function<void(const KafkaError&)> on_delivery_error = {};
  /// What the client library reports: most of it passes by itself; any thread.
  std::function<void(const KafkaError&)> on_error = {};
  std::function<void(const std::string& json)> on_statistics = {};
};

/// A topic to be made.
struct NewTopic {
  std::int32_t partitions = 1;
  std::map<std::string, std::string> config;  ///< Kafka's own names: "retention.ms".
};

/// Makes clients. Thread-safe.
class KafkaClient {
 public:
  virtual ~KafkaClient() = default;
  /// Throw KafkaError (refused) with the name of the option that is wrong.
  virtual std::unique_ptr<Consumer> make_consumer(ConsumerSettings settings) = 0;
  virtual std::unique_ptr<Producer> make_producer(ProducerSettings settings) = 0;
  /// Offsets of a group that nobody joins, for the pointer of a job without a Kafka source:
  /// settled, as Consumer::committed().
  virtual CommittedOffsets committed_of(const ConsumerSettings& settings,
                                        const std::vector<TopicPartition>& partitions,
                                        Duration timeout) = 0;
  /// Makes a topic, with as many replicas as the brokers see fit, and waits until all its
  /// partitions have leaders. One that is there already stays as it is.
  virtual void create_topic(const ConsumerSettings& settings, const std::string& topic,
                            const NewTopic& wanted, Duration timeout) = 0;
  /// Deletes the records before these offsets; their places stay.
  virtual void delete_records(const ConsumerSettings& settings,
                              const std::map<TopicPartition, std::int64_t>& before,
                              Duration timeout) = 0;
  /// Why the client library at hand must not be used: it would lose or double records. Empty: it
  /// may.
  virtual std::vector<std::string> faults() const { return {}; }
  /// What is known to be amiss in it, and what weir does about that.
  virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace weir::inline v0::kafka
