// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/detail/commit_pointer.hpp"
#include "weir/testing/log_client.hpp"

namespace weir::inline v0::testing {

using detail::decode_pointer;
using detail::encode_pointer;

/// One transaction per checkpoint, for all sinks and sources of a job.
///
/// Invariants:
/// 1. A record that a writer got before barrier N and after N-1 is in transaction N, no other:
///    a writer that has passed a barrier of the transaction at hand writes into its buffer.
/// 2. begin() empties the buffers, in order, before a writer can add to the transaction directly.
/// 3. stage(N) has appended everything of transaction N before commit(N).
///
/// A mutex outside of the runtime, because workers write while the storage thread commits: what a
/// client library of a log does inside itself.
class LogCommit final : public Participant, public CommitAuthority {
 public:
  LogCommit(SimLog& log, LogClient::Options options) : log_{log}, options_{std::move(options)} {}

  std::string name() const override { return "log"; }
  std::string stage(CheckpointId checkpoint) override;
  void publish(CheckpointId) override {}
  void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) override;

  bool is_same_place(const Position& stored, const Position& committed) const override;
  CommittedState open(const JobIdentity& job, const AuthorityEvents& events) override;
  void begin() override;
  void prepare(const CheckpointName& checkpoint, const Positions& positions) override;
  bool commit(const CheckpointName& checkpoint) override;
  std::set<CheckpointPointer> named_checkpoints() override;

  void add_source(const std::string& topic);
  void add_sink(const std::string& topic) { sink_topics_.insert(topic); }
  void assign(std::set<std::uint32_t> partitions, const std::string& reason);
  std::uint32_t open_count() const;
  /// Returns the splits of the topic that this process reads.
  std::vector<SplitId> add_node(const std::string& node, const std::string& topic);

  /// What one task writes to. Lives in the task's LogWriter.
  struct Gate {
    std::string topic;
    std::function<void()> wake;
    std::uint64_t barriers = 0;
    std::vector<std::pair<LogPartition, LogRecord>> buffer;
  };
  void add(Gate& gate);
  void remove(Gate& gate);
  bool has_room(const Gate& gate) const;
  /// Without a number the key decides.
  void write(Gate& gate, std::optional<std::uint32_t> partition, LogRecord record);
  void barrier(Gate& gate);

 private:
  /// Whether the writer may add to the transaction at hand.
  bool is_open(const Gate& gate) const noexcept { return gate.barriers + 1 == begun_count_; }
  std::string pointer_topic() const;
  std::string pointer_group() const;
  LogOffsets own_places(const SimLog::Places& places) const;
  std::set<CheckpointPointer> named_in(const SimLog::Places& places) const;
  bool is_assigned(const LogPartition& partition) const;
  void queue(const LogPartition& partition, LogRecord record);
  void flush();

  SimLog& log_;
  const LogClient::Options options_;
  std::set<std::string> source_topics_;  // Complete before open().
  std::set<std::string> sink_topics_;

  mutable std::mutex mutex_;  // Guards what follows. The log's own lock comes after it.
  JobIdentity job_;
  std::map<std::string, std::string> topic_of_node_;
  AuthorityEvents events_;
  std::optional<std::set<std::uint32_t>> wanted_ =
      options_.assigned;  // From the next open() on; nullopt: all.
  std::optional<std::set<std::uint32_t>> assigned_ = options_.assigned;
  std::uint32_t open_count_ = 0;
  std::unique_ptr<LogProducer> producer_;
  std::set<Gate*> gates_;
  std::uint64_t begun_count_ = 0;  // Since open().
  std::map<LogPartition, std::vector<LogRecord>> queued_;
};

}  // namespace weir::inline v0::testing
