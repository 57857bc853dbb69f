// SPDX-License-Identifier: Apache-2.0
#include "testing/log_commit.hpp"

#include <algorithm>
#include <charconv>

#include "weir/detail/assert.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::testing {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view offset_text(const Position& position) {
  return std::string_view{position.bytes}.substr(0, position.bytes.find(' '));
}

}  // namespace

void LogCommit::add_source(const std::string& topic) {
  if (source_topics_.insert(topic).second) return;
  throw ConfigError{"topic '" + topic + "' has two sources in one job; use the stream twice"};
}

std::vector<SplitId> LogCommit::add_node(const std::string& node, const std::string& topic) {
  const std::lock_guard lock{mutex_};
  topic_of_node_[node] = topic;
  std::vector<SplitId> splits;
  for (std::uint32_t number = 0; number < log_.partition_count(topic); ++number) {
    const LogPartition partition{topic, number};
    if (is_assigned(partition)) splits.push_back({to_string(partition)});
  }
  return splits;
}

bool LogCommit::is_assigned(const LogPartition& partition) const {
  return !assigned_ || assigned_->contains(partition.number);
}

/// Readers of repartition topics keep more behind the offset.
bool LogCommit::is_same_place(const Position& stored, const Position& committed) const {
  return offset_text(stored) == committed.bytes;
}

std::string LogCommit::pointer_topic() const {
  if (!options_.pointer_topic.empty()) return options_.pointer_topic;
  return sink_topics_.empty() ? std::string{} : *sink_topics_.begin();
}

std::string LogCommit::pointer_group() const {
  return source_topics_.empty() ? job_.job + "." + job_.instance + ".weir" : job_.job;
}

/// The places of the topics that this job keeps its pointer in.
LogOffsets LogCommit::own_places(const SimLog::Places& places) const {
  const auto is_own = [&](const LogPartition& partition) {
    const bool is_read = source_topics_.count(partition.topic) > 0 && is_assigned(partition);
    return is_read || source_topics_.empty();
  };
  if (std::any_of(places.undecided.begin(), places.undecided.end(), is_own)) {
    throw NotReady{"the places of group '" + pointer_group() +
                   "', which are undecided: a transaction of another process is open; it ends by "
                   "itself at its timeout"};
  }
  LogOffsets own;
  for (const auto& [partition, place] : places.offsets) {
    if (is_own(partition)) own.emplace(partition, place);
  }
  return own;
}

/// Whoever reads the partition.
std::set<CheckpointPointer> LogCommit::named_in(const SimLog::Places& places) const {
  std::set<CheckpointPointer> named;
  for (const auto& [partition, place] : places.offsets) {
    if (!source_topics_.empty() && source_topics_.count(partition.topic) == 0) continue;
    if (const auto pointer = decode_pointer(place.metadata)) named.insert(*pointer);
  }
  return named;
}

/// What an open transaction is about to change still counts: then too much is kept.
std::set<CheckpointPointer> LogCommit::named_checkpoints() {
  const std::lock_guard lock{mutex_};
  return named_in(log_.places(pointer_group(), false));
}

CommittedState LogCommit::open(const JobIdentity& job, const AuthorityEvents& events) {
  const std::lock_guard lock{mutex_};
  job_ = job;
  events_ = events;
  assigned_ = wanted_;
  ++open_count_;
  begun_count_ = 0;
  queued_.clear();
  producer_.reset();
  producer_ = log_.init_producer(job.job + "." + job.instance, options_.transaction_timeout);
  CommittedState state;
  for (const std::string& topic : source_topics_) {
    for (std::uint32_t number = 0; number < log_.partition_count(topic); ++number) {
      const LogPartition partition{topic, number};
      if (is_assigned(partition)) state.splits[SplitId{to_string(partition)}] = std::nullopt;
    }
  }
  const SimLog::Places places = log_.places(pointer_group());
  state.named = named_in(places);
  for (const auto& [partition, place] : own_places(places)) {
    const std::optional<CheckpointPointer> pointer = decode_pointer(place.metadata);
    if (source_topics_.empty()) {
      state.checkpoint = pointer;
    } else {
      state.splits[SplitId{to_string(partition)}] =
          CommittedSplit{Position{std::to_string(place.offset)}, pointer};
    }
  }
  return state;
}

void LogCommit::assign(std::set<std::uint32_t> partitions, const std::string& reason) {
  AuthorityEvents events;
  {
    const std::lock_guard lock{mutex_};
    wanted_ = std::move(partitions);
    events = events_;
  }
  if (events.hand_over) events.hand_over(reason);
}

std::uint32_t LogCommit::open_count() const {
  const std::lock_guard lock{mutex_};
  return open_count_;
}

void LogCommit::begin() {
  std::vector<std::function<void()>> wakes;
  {
    const std::lock_guard lock{mutex_};
    producer_->begin();
    ++begun_count_;
    for (Gate* gate : gates_) {
      wakes.push_back(gate->wake);
      for (auto& [partition, record] : gate->buffer) queue(partition, std::move(record));
      gate->buffer.clear();
    }
  }
  for (const auto& wake : wakes) wake();
}

void LogCommit::prepare(const CheckpointName& checkpoint, const Positions& positions) {
  const std::lock_guard lock{mutex_};
  const std::string metadata = encode_pointer({checkpoint, job_.instance});
  LogOffsets offsets;
  for (const auto& [split, position] : positions) {
    if (topic_of_node_.count(split.source) == 0) continue;
    const std::optional<std::uint64_t> offset = parse_number(offset_text(position));
    WEIR_ASSERT(offset.has_value(), "position '", position.bytes, "' of ", split.split.value);
    offsets[partition_of(split.split)] = {*offset, metadata};
  }
  if (source_topics_.empty()) offsets[{pointer_topic(), 0}] = {checkpoint.id.value, metadata};
  producer_->send_offsets(pointer_group(), offsets);
}

/// Everything before the barrier has been written by now.
std::string LogCommit::stage(CheckpointId) {
  const std::lock_guard lock{mutex_};
  flush();
  return source_topics_.empty() ? pointer_topic() : std::string{};
}

bool LogCommit::commit(const CheckpointName& checkpoint) {
  const std::lock_guard lock{mutex_};
  WEIR_ASSERT(queued_.empty(), "commit of ", checkpoint.id.value, " before its stage()");
  return producer_->commit();
}

void LogCommit::restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) {
  const std::lock_guard lock{mutex_};
  if (!checkpoint || !source_topics_.empty() || part == pointer_topic()) return;
  throw IncompatibleState{"the pointer topic was '" + std::string{part} + "' and is now '" +
                          pointer_topic() + "'; name the old one in pointer_topic"};
}

void LogCommit::add(Gate& gate) {
  const std::lock_guard lock{mutex_};
  gates_.insert(&gate);
}

void LogCommit::remove(Gate& gate) {
  const std::lock_guard lock{mutex_};
  gates_.erase(&gate);
}

bool LogCommit::has_room(const Gate& gate) const {
  const std::lock_guard lock{mutex_};
  return gate.buffer.size() < options_.gate_record_count_max;
}

void LogCommit::write(Gate& gate, std::optional<std::uint32_t> partition, LogRecord record) {
  const std::lock_guard lock{mutex_};
  LogPartition to{gate.topic, 0};
  to.number = partition ? *partition
                        : static_cast<std::uint32_t>(stable_hash(record.key.value_or("")) %
                                                     log_.partition_count(gate.topic));
  if (is_open(gate)) {
    queue(to, std::move(record));
  } else {
    gate.buffer.emplace_back(std::move(to), std::move(record));
  }
}

void LogCommit::barrier(Gate& gate) {
  const std::lock_guard lock{mutex_};
  WEIR_ASSERT(is_open(gate) && gate.buffer.empty(), "a barrier before the commit of the last one");
  ++gate.barriers;
}

void LogCommit::queue(const LogPartition& partition, LogRecord record) {
  std::vector<LogRecord>& waiting = queued_[partition];
  waiting.push_back(std::move(record));
  if (waiting.size() < options_.batch_records) return;
  producer_->append(partition, waiting);
  queued_.erase(partition);
}

void LogCommit::flush() {
  for (const auto& [partition, records] : queued_) producer_->append(partition, records);
  queued_.clear();
}

}  // namespace weir::inline v0::testing
