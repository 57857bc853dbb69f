// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_metrics.hpp"
#include "kafka/membership.hpp"
#include "kafka/output.hpp"
#include "kafka/partition_reading.hpp"
#include "weir/detail/kafka/session.hpp"

namespace weir::inline v0::detail {

/// One job on one cluster: takes part in a group, reads partitions, writes through one producer,
/// and decides the job's commits.
///
/// Threads: the control thread opens and reads the world; workers poll their partitions and send;
/// the storage thread commits; the members' own thread and those of the client report.
class Session final : public KafkaSession {
 public:
  explicit Session(kafka::ClusterOptions options);
  ~Session() override;

  // Building the topology.

  std::size_t add_source(TopicSourceSpec spec) override;
  std::size_t add_sink(TopicSinkSpec spec) override;
  std::vector<std::string> faults(const JobOptions& options) const override;
  bool is_bounded(std::size_t source) const override;

  // Sources and sinks.

  std::optional<std::string> single_topic(std::size_t source) const override;
  std::uint32_t partition_count(std::size_t source) override;
  std::uint32_t partition_number(const SplitId& split) const override;
  std::vector<SplitId> splits(std::size_t source, const SourceContext& context) override;
  std::unique_ptr<PartitionInput> open_split(std::size_t source, const SplitId& split,
                                             const std::optional<Position>& position,
                                             const SourceContext& context) override;
  void make_exchange_topic(const std::string& topic, std::uint32_t partitions) override;
  void let_go(const SplitId& split, const Position& position) override;
  void open_sink(std::size_t sink, const SinkContext& context, std::size_t writers) override;
  std::unique_ptr<TopicWriter> writer(std::size_t sink, const SinkContext& context) override;

  // Participant.

  std::string name() const override { return "kafka"; }
  std::string stage(CheckpointId checkpoint) override;
  void publish(CheckpointId) override {}
  void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) override;

  // CommitAuthority.

  bool decides(const JobIdentity& job) const override;
  CommittedState open(const JobIdentity& job, const AuthorityEvents& events) override;
  void begin() override;
  void prepare(const CheckpointName& checkpoint, const Positions& positions) override;
  bool commit(const CheckpointName& checkpoint) override;
  bool is_same_place(const Position& stored, const Position& committed) const override;
  std::string waiting_for() const override;
  std::set<CheckpointPointer> named_checkpoints() override;
  void job_ended() override;
  std::vector<Metric> metrics() const override { return metrics_.all(); }

 private:
  struct Source {
    TopicSourceSpec spec;
    std::string node;
    std::vector<kafka::TopicPartition> assigned;
  };
  /// A split that was opened in this attempt and not yet begun.
  struct Opening {
    PartitionReading* reading;
    std::function<void()> wake;
  };

  bool is_transactional() const noexcept { return identity_.guarantee == Guarantee::exactly_once; }
  std::string transactional_id() const { return identity_.job + "." + identity_.instance; }
  std::string pointer_group() const { return transactional_id() + ".weir"; }
  std::string pointer_topic() const;
  std::vector<std::string> subscription() const;
  Duration transaction_timeout() const;
  void begin_opening(const JobIdentity& job);
  void open_output();
  CommittedState read_committed();
  CommittedState read_pointer();
  void check_sharing(const std::vector<kafka::TopicPartition>& all) const;
  void make_membership(bool is_inline, const Clock& clock);
  void settle_unasked(const SourceContext& context);
  void open_output_unasked(const SinkContext& context);
  kafka::ConsumerSettings reader_settings(std::string group) const;
  void share_out();
  void before_poll();
  PartitionPlace first_place(const Source& source, const kafka::TopicPartition& partition);
  std::optional<std::int64_t> bound(const Source& source, const kafka::TopicPartition& partition);
  void start_reading();
  MembershipEvents membership_events();
  bool is_own(const SplitName& split) const;
  bool take_steps(const CheckpointName& checkpoint);
  void send_offsets(Duration at_most);
  void check_patience(const CheckpointName& checkpoint);
  void wait_for(std::string what);
  void report(const kafka::KafkaError& error);
  void fail(const kafka::KafkaError& error);

  const kafka::ClusterOptions options_;
  const std::shared_ptr<kafka::KafkaClient> client_;  // Shared with the user's options.
  std::vector<Source> sources_;                       // Specs: complete before the job starts.
  std::vector<TopicSinkSpec> sinks_;

  // The control thread's; others read while there is an attempt.
  JobIdentity identity_;
  bool is_opening_ = false;
  bool was_opened_ = false;  // By open(): the commits are decided here.
  bool is_output_ready_ = false;
  std::atomic<bool> has_output_failed_{false};  // Of a job that open() was not called for.
  bool has_named_ = false;                      // Some committed offset names a checkpoint.
  std::unique_ptr<Membership> membership_;
  Output output_;
  std::vector<std::size_t> writers_of_sink_;
  std::vector<Opening> openings_;
  std::size_t assigned_count_ = 0;

  // The storage thread's, of the checkpoint in hand.
  kafka::CommittedOffsets offsets_;
  bool are_offsets_sent_ = false;
  std::int64_t undecided_since_ns_ = 0;
  std::int64_t begun_at_ns_ = 0;
  std::map<kafka::TopicPartition, std::int64_t> deletable_;
  std::int64_t purged_at_ns_ = 0;
  std::int64_t commit_since_ns_ = 0;

  ClientMetrics metrics_;

  mutable std::mutex mutex_;  // Guards what follows; held for no call.
  AuthorityEvents events_;
  std::string waiting_for_;
  std::string last_error_;
};

}  // namespace weir::inline v0::detail
