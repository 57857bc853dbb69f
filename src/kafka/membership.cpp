// SPDX-License-Identifier: Apache-2.0
#include "kafka/membership.hpp"

#include <utility>

#include "base/thread_name.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::detail {
namespace {

using kafka::KafkaError;

/// How long one call waits before it says that it is not ready: the job looks up in between.
constexpr Duration kSlice{250};
constexpr Duration kPoll{100};
constexpr std::int64_t kNsPerMs = 1'000'000;

std::int64_t ms_since(const Clock& clock, std::int64_t since_ns) {
  return (clock.monotonic_ns() - since_ns) / kNsPerMs;
}

/// A retriable error is waited out by the caller.
template <class Call>
auto or_not_ready(const std::string& what, const Call& call) {
  try {
    return call();
  } catch (const KafkaError& error) {
    if (error.kind() != KafkaError::Kind::retriable) throw;
    throw NotReady{what + ": " + error.what()};
  }
}

}  // namespace

Membership::Membership(std::shared_ptr<kafka::KafkaClient> client,
                       const kafka::ClusterOptions& options, ClientMetrics& metrics,
                       Settings settings)
    : client_{std::move(client)},
      options_{options},
      metrics_{metrics},
      settings_{std::move(settings)} {}

Membership::~Membership() { drop(); }

kafka::ConsumerEvents Membership::consumer_events() {
  kafka::ConsumerEvents events;
  events.on_assigned = [this](const auto& partitions) { on_assigned(partitions); };
  events.on_revoked = [this](bool is_lost) { on_revoked(is_lost); };
  events.on_error = [this](const KafkaError& error) { on_error(error); };
  events.on_statistics = [this](const std::string& json) {
    metrics_.on_statistics("consumer", json);
  };
  return events;
}

void Membership::make() {
  kafka::ConsumerSettings wanted;
  wanted.brokers = options_.brokers;
  wanted.group = settings_.group;
  wanted.member = settings_.member;
  wanted.session_timeout = options_.session_timeout;
  wanted.fetch_bytes_max = options_.fetch_bytes;
  wanted.config = options_.config;
  for (const auto& [name, value] : options_.consumer_config) wanted.config[name] = value;
  wanted.events = consumer_events();
  {
    const std::lock_guard lock{mutex_};
    phase_ = Phase::joining;
    broken_.reset();
  }
  joining_since_ns_ = settings_.clock->monotonic_ns();
  consumer_ = client_->make_consumer(std::move(wanted));
  consumer_->subscribe(settings_.topics);
  is_stopping_ = false;
  if (!settings_.is_inline) thread_ = std::thread{[this] { run(); }};
}

void Membership::drop() {
  is_stopping_ = true;
  if (thread_.joinable()) thread_.join();
  settled_.clear();
  if (consumer_ == nullptr) return;
  consumer_->close();
  consumer_.reset();
}

void Membership::run() {
  name_this_thread("kafka " + settings_.group);
  while (!is_stopping_) consumer_->poll(kPoll);
}

void Membership::poll_inline() {
  if (settings_.is_inline && consumer_ != nullptr) consumer_->poll(Duration{0});
}

void Membership::on_assigned(const std::vector<kafka::TopicPartition>& partitions) {
  const std::lock_guard lock{mutex_};
  phase_ = Phase::assigned;
  assigned_ = partitions;
  last_error_.clear();
}

void Membership::on_revoked(bool is_lost) {
  metrics_.on_rebalance(is_lost);
  has_partitions_ = false;
  const std::lock_guard lock{mutex_};
  if (phase_ == Phase::joining) return;
  phase_ = is_lost ? Phase::lost : Phase::revoked;
  last_rebalance_ = "group '" + settings_.group + "' " +
                    (is_lost ? "has taken the partitions away from member '"
                             : "shares its partitions anew, seen by member '") +
                    settings_.member + "'";
  if (!last_error_.empty()) last_rebalance_ += " (last error: " + last_error_ + ")";
  if (is_lost && events_.on_failure) {
    events_.on_failure({KafkaError::Kind::failed, "_ASSIGNMENT_LOST", last_rebalance_});
  } else if (events_.on_revoked) {
    events_.on_revoked(last_rebalance_);
  }
}

void Membership::on_error(const KafkaError& error) {
  metrics_.on_error("consumer");
  const std::lock_guard lock{mutex_};
  last_error_ = error.what();
  last_error_ns_ = settings_.clock->monotonic_ns();
  if (error.kind() == KafkaError::Kind::retriable) return;
  if (!broken_) broken_ = error;
  if (events_.on_failure) events_.on_failure(error);
}

std::string Membership::last_error() const {
  const std::lock_guard lock{mutex_};
  if (last_error_.empty()) return {};
  const std::int64_t age_ms = ms_since(*settings_.clock, last_error_ns_);
  return last_error_ + ", " + std::to_string(age_ms / 1000) + " s ago";
}

std::string Membership::last_rebalance() const {
  const std::lock_guard lock{mutex_};
  return last_rebalance_;
}

std::string Membership::waiting_text(const std::string& what) const {
  std::string text = "group '" + settings_.group + "': " + what + ", for " +
                     std::to_string(ms_since(*settings_.clock, joining_since_ns_) / 1000) + " s";
  const std::string error = last_error();
  if (!error.empty()) text += "; last error: " + error;
  return text;
}

/// The wait for an assignment is bounded.
void Membership::check_patience() const {
  const std::int64_t waited_ms = ms_since(*settings_.clock, joining_since_ns_);
  if (waited_ms < options_.assignment_timeout.count()) return;
  throw KafkaError{KafkaError::Kind::failed, "_TIMED_OUT",
                   waiting_text("no partitions were assigned within assignment_timeout (" +
                                std::to_string(options_.assignment_timeout.count()) + "ms)")};
}

void Membership::settle() {
  std::optional<KafkaError> broken;
  {
    const std::lock_guard lock{mutex_};
    broken = broken_;
    if (broken_ && broken_->kind() != KafkaError::Kind::refused) broken_.reset();
  }
  if (broken) {
    drop();
    if (broken->kind() == KafkaError::Kind::refused) throw *broken;
  }
  if (consumer_ == nullptr) make();
  poll_inline();
  bool gives_up = false;
  {
    const std::lock_guard lock{mutex_};
    gives_up = phase_ == Phase::revoked || phase_ == Phase::lost;
    if (gives_up) phase_ = Phase::joining;
    if (phase_ == Phase::assigned) {
      settled_ = assigned_;
      has_partitions_ = true;
      return;
    }
  }
  settled_.clear();
  if (gives_up) {
    joining_since_ns_ = settings_.clock->monotonic_ns();
    consumer_->assign({});
  }
  check_patience();
  throw NotReady{waiting_text("waiting for partitions to be assigned")};
}

void Membership::activate(MembershipEvents events) {
  const std::lock_guard lock{mutex_};
  events_ = std::move(events);
  // What happened since settle().
  if (broken_ && events_.on_failure) events_.on_failure(*broken_);
  if (phase_ == Phase::assigned || broken_) return;
  if (events_.on_revoked) events_.on_revoked(last_rebalance_);
}

void Membership::deactivate() {
  const std::lock_guard lock{mutex_};
  events_ = {};
}

std::vector<kafka::TopicPartition> Membership::all_partitions() {
  return or_not_ready("the partitions of the topics",
                      [&] { return consumer_->partitions(settings_.topics, kSlice); });
}

kafka::CommittedOffsets Membership::committed(
    const std::vector<kafka::TopicPartition>& partitions) {
  return or_not_ready("committed offsets of group '" + settings_.group + "'",
                      [&] { return consumer_->committed(partitions, kSlice); });
}

}  // namespace weir::inline v0::detail
