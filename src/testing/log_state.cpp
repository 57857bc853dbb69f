// SPDX-License-Identifier: Apache-2.0
#include "testing/log_state.hpp"

#include <algorithm>

namespace weir::inline v0::testing {

void LogState::create_topic(const std::string& topic, std::uint32_t partitions) {
  const auto [found, is_new] = topics_.try_emplace(topic, partitions);
  if (is_new || found->second.size() == partitions) return;
  throw ConfigError{"topic '" + topic + "' has " + std::to_string(found->second.size()) +
                    " partitions, not " + std::to_string(partitions)};
}

std::uint32_t LogState::partition_count(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) throw LogError{"there is no topic '" + topic + "'"};
  return static_cast<std::uint32_t>(found->second.size());
}

std::map<std::string, std::uint32_t> LogState::topics() const {
  std::map<std::string, std::uint32_t> counts;
  for (const auto& [topic, partitions] : topics_) {
    counts.emplace(topic, static_cast<std::uint32_t>(partitions.size()));
  }
  return counts;
}

void LogState::grow_topic(const std::string& topic, std::uint32_t partitions) {
  if (partitions < partition_count(topic)) {
    throw ConfigError{"topic '" + topic + "' has " + std::to_string(partition_count(topic)) +
                      " partitions; it cannot have " + std::to_string(partitions)};
  }
  topics_.at(topic).resize(partitions);
}

const LogState::Partition& LogState::partition(const LogPartition& partition) const {
  if (partition.number >= partition_count(partition.topic)) {
    throw LogError{"there is no partition " + to_string(partition)};
  }
  return topics_.at(partition.topic)[partition.number];
}

LogState::Partition& LogState::partition(const LogPartition& partition) {
  return const_cast<Partition&>(std::as_const(*this).partition(partition));
}

std::uint64_t LogState::append(const LogPartition& partition, LogRecord record) {
  Partition& entries = this->partition(partition);
  entries.push_back({std::move(record), 0, false});
  return entries.size() - 1;
}

std::uint64_t LogState::end_offset(const LogPartition& partition) const {
  return this->partition(partition).size();
}

bool LogState::has_ended(const Transaction& transaction) const noexcept {
  return transaction.phase == Phase::committed || transaction.phase == Phase::aborted;
}

std::uint64_t LogState::last_stable_offset(const LogPartition& partition) const {
  std::uint64_t stable = end_offset(partition);
  for (const Transaction& transaction : transactions_) {
    if (has_ended(transaction)) continue;
    const auto first = transaction.first_offsets.find(partition);
    if (first != transaction.first_offsets.end()) stable = std::min(stable, first->second);
  }
  return stable;
}

bool LogState::is_visible(const Entry& entry, Isolation isolation) const {
  if (entry.is_marker || entry.is_deleted) return false;
  if (entry.transaction == 0 || isolation == Isolation::read_uncommitted) return true;
  return transactions_[entry.transaction - 1].phase == Phase::committed;
}

void LogState::delete_records(const LogPartition& partition, std::uint64_t offset) {
  Partition& entries = this->partition(partition);
  if (offset > entries.size()) {
    throw LogError{to_string(partition) + " ends before offset " + std::to_string(offset)};
  }
  for (std::uint64_t at = 0; at < offset; ++at) {
    entries[at].record = {};
    entries[at].is_deleted = true;
  }
}

std::uint64_t LogState::first_offset(const LogPartition& partition) const {
  const Partition& entries = this->partition(partition);
  const auto first = std::find_if(entries.begin(), entries.end(),
                                  [](const Entry& entry) { return !entry.is_deleted; });
  return static_cast<std::uint64_t>(first - entries.begin());
}

SimLog::Fetched LogState::fetch(const LogPartition& partition, std::uint64_t offset,
                                std::size_t record_count_max, Isolation isolation) const {
  const Partition& entries = this->partition(partition);
  const std::uint64_t end = isolation == Isolation::read_committed
                                ? last_stable_offset(partition)
                                : static_cast<std::uint64_t>(entries.size());
  SimLog::Fetched fetched;
  fetched.next_offset = offset;
  while (fetched.next_offset < end && fetched.records.size() < record_count_max) {
    const std::uint64_t at = fetched.next_offset++;
    if (is_visible(entries[at], isolation)) fetched.records.emplace_back(at, entries[at].record);
  }
  return fetched;
}

SimLog::Places LogState::places(const std::string& group, bool require_stable) const {
  SimLog::Places places;
  const auto known = places_.find(group);
  if (known != places_.end()) places.offsets = known->second;
  for (const Transaction& transaction : transactions_) {
    const auto pending = transaction.offsets.find(group);
    if (!require_stable || has_ended(transaction) || pending == transaction.offsets.end()) continue;
    for (const auto& [partition, offset] : pending->second) places.undecided.insert(partition);
  }
  places.is_undecided = !places.undecided.empty();
  return places;
}

void LogState::set_places(const std::string& group, const LogOffsets& offsets) {
  for (const auto& [partition, offset] : offsets) places_[group][partition] = offset;
}

LogState::Session LogState::init(const std::string& id, std::int64_t timeout_ns) {
  Producer& producer = producers_[id];
  end(producer, Outcome::abort);
  producer.timeout_ns = timeout_ns;
  return {id, ++producer.epoch};
}

void LogState::expire(std::int64_t now_ns) {
  for (auto& [id, producer] : producers_) {
    if (producer.transaction == 0) continue;
    const Transaction& transaction = transactions_[producer.transaction - 1];
    if (transaction.phase != Phase::open) continue;
    if (now_ns - transaction.start_ns < producer.timeout_ns) continue;
    end(producer, Outcome::abort);
    ++producer.epoch;
  }
}

void LogState::check(const Session& session) const {
  if (producers_.at(session.id).epoch == session.epoch) return;
  throw ProducerFenced{"producer '" + session.id +
                       "' was fenced: its id was taken over, or its "
                       "transaction ran out of time"};
}

/// The session's transaction; begins one if there is none.
LogState::Transaction& LogState::running(const Session& session, std::int64_t now_ns) {
  check(session);
  Producer& producer = producers_.at(session.id);
  if (producer.transaction == 0) {
    transactions_.push_back({Phase::open, now_ns, {}, {}});
    producer.transaction = transactions_.size();
  }
  Transaction& transaction = transactions_[producer.transaction - 1];
  if (transaction.phase != Phase::open) {
    throw LogError{"producer '" + session.id + "': its transaction is being committed"};
  }
  return transaction;
}

void LogState::append(const Session& session, std::int64_t now_ns, const LogPartition& partition,
                      const std::vector<LogRecord>& records) {
  Partition& entries = this->partition(partition);
  Transaction& transaction = running(session, now_ns);
  transaction.first_offsets.try_emplace(partition, entries.size());
  const std::size_t number = producers_.at(session.id).transaction;
  for (const LogRecord& record : records) entries.push_back({record, number, false});
}

void LogState::send_offsets(const Session& session, std::int64_t now_ns, const std::string& group,
                            const LogOffsets& offsets) {
  for (const auto& [partition, offset] : offsets) (void)this->partition(partition);
  LogOffsets& staged = running(session, now_ns).offsets[group];
  for (const auto& [partition, offset] : offsets) staged[partition] = offset;
}

void LogState::decide_commit(const Session& session) {
  check(session);
  const std::size_t number = producers_.at(session.id).transaction;
  if (number != 0) transactions_[number - 1].phase = Phase::decided;
}

void LogState::end(const Session& session, Outcome outcome) {
  check(session);
  end(producers_.at(session.id), outcome);
}

void LogState::end(Producer& producer, Outcome outcome) {
  if (producer.transaction == 0) return;
  const std::size_t number = std::exchange(producer.transaction, 0);
  Transaction& transaction = transactions_[number - 1];
  const bool commits = outcome == Outcome::commit || transaction.phase == Phase::decided;
  transaction.phase = commits ? Phase::committed : Phase::aborted;
  for (const auto& [partition, first] : transaction.first_offsets) {
    if (topics_.count(partition.topic) == 0) continue;
    Entry& marker = this->partition(partition).emplace_back();
    marker.transaction = number;
    marker.is_marker = true;
  }
  if (!commits) return;
  for (const auto& [group, offsets] : transaction.offsets) {
    set_places(group, offsets);
  }
}

std::size_t LogState::open_transaction_count() const {
  return static_cast<std::size_t>(
      std::count_if(transactions_.begin(), transactions_.end(),
                    [this](const Transaction& transaction) { return !has_ended(transaction); }));
}

}  // namespace weir::inline v0::testing
