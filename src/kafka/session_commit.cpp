// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "kafka/session.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/commit_pointer.hpp"
#include "weir/error.hpp"

// What the session does as the authority over commits: the steps R1, R2 of recovery and C3, C5, C6
// of a checkpoint.
namespace weir::inline v0::detail {
namespace {

using kafka::KafkaError;
using kafka::TopicPartition;

/// How long one call waits before it says that nothing is decided yet.
constexpr Duration kSlice{500};
constexpr Duration kLeastTransactionTimeout{60'000};
constexpr std::int64_t kNsPerMs = 1'000'000;

}  // namespace

bool Session::decides(const JobIdentity& job) const {
  if (job.guarantee == Guarantee::exactly_once) return true;
  return job.guarantee == Guarantee::at_least_once && !sources_.empty();
}

Duration Session::transaction_timeout() const {
  if (options_.transaction_timeout.count() > 0) return options_.transaction_timeout;
  return std::max(kLeastTransactionTimeout, 5 * identity_.checkpoint_interval);
}

void Session::begin_opening(const JobIdentity& job) {
  if (!identity_.job.empty() && (identity_.job != job.job || identity_.instance != job.instance)) {
    throw ConfigError{"one Cluster serves two jobs, '" + identity_.job + "' and '" + job.job +
                      "'; make one for each topology"};
  }
  identity_ = job;
  is_opening_ = was_opened_ = true;
  if (membership_) membership_->deactivate();
  output_.close();
  offsets_.clear();
  undecided_since_ns_ = 0;
  wait_for({});
}

CommittedState Session::open(const JobIdentity& job, const AuthorityEvents& events) {
  if (!is_opening_) begin_opening(job);
  {
    const std::lock_guard lock{mutex_};
    events_ = events;
  }
  try {
    open_output();
    CommittedState state = sources_.empty() ? read_pointer() : read_committed();
    is_opening_ = false;
    return state;
  } catch (const NotReady&) {
    throw;
  } catch (...) {
    is_opening_ = false;
    throw;
  }
}

/// R1: fences a process of the same name, decides its transaction.
void Session::open_output() {
  if (!output_.is_made()) {
    Output::Settings settings;
    if (is_transactional()) settings.transactional_id = transactional_id();
    settings.transaction_timeout = transaction_timeout();
    settings.on_error = [this](const KafkaError& error) { report(error); };
    settings.on_statistics = [this](const std::string& json) {
      metrics_.on_statistics("producer", json);
    };
    settings.on_failure = [this](const KafkaError& error) { fail(error); };
    output_.open(std::move(settings));
    is_output_ready_ = false;
  }
  if (is_output_ready_) return;
  try {
    output_.init(kSlice);
    is_output_ready_ = true;
  } catch (const KafkaError& error) {
    if (error.kind() != KafkaError::Kind::retriable) throw;
    throw NotReady{"Kafka: the transactional id '" + transactional_id() +
                   "' to be taken over: " + error.what()};
  }
}

/// R2: what the group has committed, of every partition of the subscription.
CommittedState Session::read_committed() {
  make_membership(identity_.inline_io, *identity_.clock);
  membership_->settle();
  const std::vector<TopicPartition> all = membership_->all_partitions();
  check_sharing(all);
  const kafka::CommittedOffsets offsets = membership_->committed(all);
  CommittedState state;
  for (const TopicPartition& partition : membership_->assigned()) {
    state.splits[split_of(partition)] = std::nullopt;
  }
  for (const auto& [partition, committed] : offsets) {
    const std::optional<CheckpointPointer> pointer = decode_pointer(committed.metadata);
    if (pointer) state.named.insert(*pointer);
    const auto own = state.splits.find(split_of(partition));
    if (own == state.splits.end()) continue;
    own->second = CommittedSplit{{std::to_string(committed.offset)}, pointer};
  }
  has_named_ = !state.named.empty();
  share_out();
  membership_->activate(membership_events());
  return state;
}

MembershipEvents Session::membership_events() {
  MembershipEvents wanted;
  const std::lock_guard lock{mutex_};
  wanted.on_revoked = events_.hand_over;
  wanted.on_failure = [this](const KafkaError& error) { fail(error); };
  return wanted;
}

/// A part of the input is enough only for a job that lets others have the rest.
void Session::check_sharing(const std::vector<TopicPartition>& all) const {
  const std::size_t own = membership_->assigned().size();
  if (identity_.may_share || own == all.size()) return;
  if (own == 0 && !all.empty()) {
    throw NotReady{"standby: all " + std::to_string(all.size()) + " partitions of group '" +
                   identity_.job + "' are assigned to other members"};
  }
  throw ConfigError{
      "member '" + transactional_id() + "' of group '" + identity_.job + "' has " +
      std::to_string(own) + " of " + std::to_string(all.size()) +
      " partitions, but the job exchanges records in memory, so that each process would see a part "
      "of "
      "each key; set exchange.through to topic, or let keyed streams be keyed_by_partition, or "
      "run one process"};
}

CommittedState Session::read_pointer() {
  CommittedState state;
  const kafka::ConsumerSettings settings = reader_settings(pointer_group());
  const TopicPartition partition{pointer_topic(), 0};
  try {
    for (const auto& [place, committed] : client_->committed_of(settings, {partition}, kSlice)) {
      state.checkpoint = decode_pointer(committed.metadata);
      if (state.checkpoint) state.named.insert(*state.checkpoint);
    }
  } catch (const KafkaError& error) {
    if (error.kind() != KafkaError::Kind::retriable) throw;
    throw NotReady{"Kafka: the committed offset of group '" + pointer_group() +
                   "': " + error.what()};
  }
  return state;
}

void Session::begin() {
  output_.begin();
  offsets_.clear();
  are_offsets_sent_ = false;
  undecided_since_ns_ = commit_since_ns_ = 0;
  begun_at_ns_ = identity_.clock->monotonic_ns();
}

void Session::prepare(const CheckpointName& checkpoint, const Positions& positions) {
  const std::string metadata = encode_pointer({checkpoint, identity_.instance});
  for (const auto& [split, position] : positions) {
    if (!is_own(split)) continue;
    offsets_[partition_of(split.split)] = {offset_of(position), metadata};
  }
  if (sources_.empty()) {
    offsets_[{pointer_topic(), 0}] = {static_cast<std::int64_t>(checkpoint.id.value), metadata};
  }
  // Early, beside the file's being written; commit() tries again where this did not get through.
  try {
    if (is_transactional()) send_offsets(kSlice);
  } catch (const KafkaError& error) {
    if (error.kind() != KafkaError::Kind::retriable) throw;
  }
}

/// Whether this process reads the partition. Nodes are not known yet when a savepoint is restored.
bool Session::is_own(const SplitName& split) const {
  if (membership_ == nullptr) return false;
  const auto is_its = [&](const Source& source) {
    return source.node.empty() || source.node == split.source;
  };
  if (std::none_of(sources_.begin(), sources_.end(), is_its)) return false;
  const auto& assigned = membership_->assigned();
  return std::any_of(assigned.begin(), assigned.end(), [&](const TopicPartition& partition) {
    return split_of(partition) == split.split;
  });
}

void Session::send_offsets(Duration at_most) {
  if (are_offsets_sent_ || offsets_.empty()) return;
  wait_for("offsets to be added to the transaction");
  if (sources_.empty()) {
    output_.producer().send_offsets(offsets_, pointer_group(), nullptr, at_most);
  } else {
    output_.producer().send_offsets(offsets_, identity_.job,
                                    membership_->consumer().group_metadata(), at_most);
  }
  are_offsets_sent_ = true;
  wait_for({});
}

/// Everything before the barrier has been written by now; it is on its way.
std::string Session::stage(CheckpointId) {
  const bool is_all = output_.send_left(kSlice);
  if (was_opened_) return sources_.empty() ? pointer_topic() : std::string{};
  // The file that is written next will be the commit.
  if (!is_all) {
    output_.producer().flush(options_.request_timeout);
    if (!output_.send_left(kSlice)) throw IoError{"Kafka takes no more records"};
  }
  output_.producer().flush(options_.request_timeout);
  return {};
}

void Session::restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) {
  if (!was_opened_ || !checkpoint || !sources_.empty() || part == pointer_topic()) return;
  throw IncompatibleState{"the pointer topic was '" + std::string{part} + "' and is now '" +
                          pointer_topic() + "'; name the old one in pointer_topic"};
}

bool Session::commit(const CheckpointName& checkpoint) {
  if (commit_since_ns_ == 0) commit_since_ns_ = identity_.clock->monotonic_ns();
  try {
    if (!take_steps(checkpoint)) return false;
  } catch (const KafkaError& error) {
    if (error.kind() != KafkaError::Kind::retriable) throw;
    report(error);
    check_patience(checkpoint);
    return false;
  }
  const std::int64_t now_ns = identity_.clock->monotonic_ns();
  metrics_.on_commit(static_cast<double>(now_ns - begun_at_ns_) / kNsPerMs,
                     static_cast<double>(now_ns - commit_since_ns_) / kNsPerMs);
  wait_for({});
  return true;
}

/// C3, C5, C6. What was done is not done again when a later step has to be repeated.
bool Session::take_steps(const CheckpointName& checkpoint) {
  const std::string text = " of checkpoint " + std::to_string(checkpoint.id.value);
  wait_for("records" + text + " to be queued");
  if (!output_.send_left(kSlice)) {
    output_.producer().flush(kSlice);
    check_patience(checkpoint);
    return false;
  }
  wait_for("records" + text + " to be delivered");
  output_.producer().flush(kSlice);
  if (is_transactional()) {
    send_offsets(kSlice);
    wait_for("the transaction" + text + " to be committed");
    output_.producer().commit_transaction(kSlice);
  } else {
    wait_for("offsets" + text + " to be committed");
    if (!offsets_.empty()) membership_->consumer().commit(offsets_, kSlice);
  }
  return true;
}

/// A commit that stays undecided for longer than any transaction lives will not come.
void Session::check_patience(const CheckpointName& checkpoint) {
  const std::int64_t now_ns = identity_.clock->monotonic_ns();
  if (undecided_since_ns_ == 0) undecided_since_ns_ = now_ns;
  const Duration limit = transaction_timeout() + options_.request_timeout;
  if ((now_ns - undecided_since_ns_) / kNsPerMs < limit.count()) return;
  throw KafkaError{KafkaError::Kind::failed, "_TIMED_OUT",
                   "checkpoint " + std::to_string(checkpoint.id.value) +
                       " was not committed within " + std::to_string(limit.count()) +
                       "ms: " + waiting_for()};
}

bool Session::is_same_place(const Position& stored, const Position& committed) const {
  return offset_of(stored) == offset_of(committed);
}

std::set<CheckpointPointer> Session::named_checkpoints() {
  std::set<CheckpointPointer> named;
  if (membership_ == nullptr) return named;
  for (const auto& [partition, committed] : membership_->committed(membership_->all_partitions())) {
    if (auto pointer = decode_pointer(committed.metadata)) named.insert(std::move(*pointer));
  }
  return named;
}

}  // namespace weir::inline v0::detail
