// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "testing/sim_broker.hpp"
#include "testing/sim_kafka_reader.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::testing {
namespace {

using kafka::KafkaError;

constexpr std::uint64_t kPollIntervalMs = 300'000;

std::int64_t in_ns(Duration span) { return std::chrono::nanoseconds{span}.count(); }

/// A member of a group. What of it is at stake: `holding_`.
class SimConsumer final : public kafka::Consumer {
  enum class Holding : std::uint8_t {
    nothing,
    partitions,
    last_moments,  ///< It was told that they go, and has not given them up.
  };
  /// What the coordinator says.
  struct Turn {
    KafkaGroup::Standing standing = KafkaGroup::Standing::unknown;
    std::int32_t generation = 0;
    std::vector<kafka::TopicPartition> assignment;
  };

 public:
  SimConsumer(std::shared_ptr<SimBroker> broker, const ProcessLife& life,
              kafka::ConsumerSettings settings)
      : broker_{std::move(broker)},
        life_{life},
        settings_{std::move(settings)},
        poll_interval_{static_cast<Duration::rep>(
            number_in(settings_.config, "max.poll.interval.ms", kPollIntervalMs))} {
    identity_.group = settings_.group;
    identity_.instance = settings_.member;
  }
  ~SimConsumer() override {
    leave();
    expect_no_readers();
    WEIR_ASSERT(in_use_->batches == 0, "records outlive their consumer", in_use_->batches.load());
  }

  void subscribe(const std::vector<std::string>& topics) override {
    check();
    WEIR_ASSERT(topics_.empty(), "a second subscription");
    topics_ = topics;
  }

  void poll(Duration) override {
    check();
    if (topics_.empty() || is_fenced_) return;
    Turn turn = ask_coordinator();
    switch (turn.standing) {
      case KafkaGroup::Standing::unknown:
        return start_anew();
      case KafkaGroup::Standing::fenced:
        return become_fenced();
      case KafkaGroup::Standing::rejoin:
        return hand_over();
      case KafkaGroup::Standing::waiting:
        return;
      case KafkaGroup::Standing::stable:
        return take(std::move(turn));
    }
  }

  void assign(const std::map<kafka::TopicPartition, std::int64_t>& offsets) override {
    check();
    expect_no_readers();
    assigned_ = offsets;
    if (offsets.empty() && holding_ == Holding::last_moments) holding_ = Holding::nothing;
  }

  std::unique_ptr<kafka::PartitionReader> reader(const kafka::TopicPartition& partition,
                                                 std::function<void()> wake) override {
    check();
    const auto start = assigned_.find(partition);
    WEIR_ASSERT(start != assigned_.end(), "a reader of a partition that is not assigned, of",
                partition.topic, "number", partition.partition);
    return make_sim_reader(broker_, life_, {partition, start->second}, std::move(wake), in_use_);
  }

  kafka::CommittedOffsets committed(const std::vector<kafka::TopicPartition>& partitions,
                                    Duration) override {
    check();
    return broker_->committed(settings_.group, partitions);
  }

  void commit(const kafka::CommittedOffsets& offsets, Duration) override {
    check();
    broker_->maybe_fail(KafkaCall::commit);
    const SimGroupMetadata own = identity();
    life_.effects().run("commit offsets of", own.group, [&] {
      broker_->with_group(own.group, [&](KafkaGroup& group, auto, const auto&) {
        group.check(own.member, own.instance, own.generation);
        broker_->log.set_places(own.group, log_offsets(offsets));
      });
    });
  }

  std::shared_ptr<kafka::GroupMetadata> group_metadata() const override {
    return std::make_shared<SimGroupMetadata>(identity());
  }

  bool is_assignment_lost() const override {
    const std::lock_guard lock{mutex_};
    return is_lost_;
  }

  std::vector<kafka::TopicPartition> partitions(const std::vector<std::string>& topics,
                                                Duration) override {
    check();
    return broker_->partitions(topics);
  }

  std::pair<std::int64_t, std::int64_t> offset_range(const kafka::TopicPartition& partition,
                                                     Duration) override {
    check();
    broker_->maybe_fail(KafkaCall::metadata);
    const LogPartition place{partition.topic, static_cast<std::uint32_t>(partition.partition)};
    return {static_cast<std::int64_t>(broker_->log.first_offset(place)),
            sim_end_offset(*broker_, partition)};
  }

  std::optional<std::int64_t> offset_at(const kafka::TopicPartition& partition, EventTime time,
                                        Duration) override {
    check();
    broker_->maybe_fail(KafkaCall::metadata);
    return sim_offset_at(*broker_, partition, time);
  }

  /// Also called in destructors: what is dead closes nothing, and says nothing.
  void close() override {
    expect_no_readers();
    leave();
  }

 private:
  void check() const {
    life_.check();
    if (!is_closed_) return;
    throw KafkaError{KafkaError::Kind::failed, "_STATE", "the consumer is closed"};
  }
  void expect_no_readers() const {
    WEIR_ASSERT(in_use_->readers == 0, "readers are there when their partitions go",
                in_use_->readers.load());
  }
  SimGroupMetadata identity() const {
    const std::lock_guard lock{mutex_};
    return identity_;
  }

  Turn ask_coordinator() {
    const std::string id = identity().member;
    return broker_->with_group(settings_.group,
                               [&](KafkaGroup& group, std::int64_t now_ns, const auto&) {
                                 group.polled(id, now_ns);
                                 Turn turn{group.standing(id), group.generation(), {}};
                                 if (turn.standing == KafkaGroup::Standing::stable)
                                   turn.assignment = group.assignment(id);
                                 return turn;
                               });
  }

  /// The coordinator does not know it.
  void start_anew() {
    if (holding_ == Holding::nothing) return join();
    if (holding_ == Holding::partitions || !is_assignment_lost()) lose();
  }
  void hand_over() {
    if (holding_ == Holding::nothing) return join();
    if (holding_ == Holding::partitions) revoke();
  }

  /// Asks to be a member of the next generation.
  void join() {
    if (!may_join()) return;
    const KafkaGroup::Joining joining{settings_.member, topics_, in_ns(settings_.session_timeout),
                                      in_ns(poll_interval_)};
    const std::string old_id = identity().member;
    const std::string id = life_.effects().run("join group", settings_.group, [&] {
      return broker_->with_group(settings_.group,
                                 [&](KafkaGroup& group, std::int64_t now_ns, const auto& topics) {
                                   return group.join(old_id, joining, now_ns, topics);
                                 });
    });
    broker_->attach(settings_.group, id, life_);
    const std::lock_guard lock{mutex_};
    identity_.member = id;
  }
  bool may_join() {
    try {
      broker_->maybe_fail(KafkaCall::join);
    } catch (const KafkaError& error) {
      tell(error);
      return false;
    }
    if (settings_.session_timeout >= broker_->options.session_timeout_min) return true;
    tell({KafkaError::Kind::refused, "INVALID_SESSION_TIMEOUT",
          "the session timeout is " + std::to_string(settings_.session_timeout.count()) +
              "ms; the broker wants " +
              std::to_string(broker_->options.session_timeout_min.count()) + "ms or more"});
    return false;
  }

  void take(Turn turn) {
    if (holding_ == Holding::last_moments) return;
    if (holding_ == Holding::partitions && identity().generation == turn.generation) return;
    holding_ = Holding::partitions;
    {
      const std::lock_guard lock{mutex_};
      identity_.generation = turn.generation;
      is_lost_ = false;
    }
    if (settings_.events.on_assigned) settings_.events.on_assigned(turn.assignment);
  }

  void revoke() {
    holding_ = Holding::last_moments;
    if (settings_.events.on_revoked) settings_.events.on_revoked(false);
  }

  void lose() {
    holding_ = Holding::last_moments;
    {
      const std::lock_guard lock{mutex_};
      is_lost_ = true;
    }
    if (settings_.events.on_revoked) settings_.events.on_revoked(true);
  }

  void become_fenced() {
    is_fenced_ = true;
    if (holding_ != Holding::nothing) lose();
    tell({KafkaError::Kind::fenced, "FENCED_INSTANCE_ID",
          "another member has taken over the instance '" + settings_.member + "'"});
  }

  void tell(const KafkaError& error) const {
    if (settings_.events.on_error) settings_.events.on_error(error);
  }

  void leave() {
    const std::string id = identity().member;
    const bool is_static = !settings_.member.empty();
    if (is_closed_.exchange(true) || life_.is_over() || id.empty() || is_static) return;
    try {
      leave(id);
    } catch (const SimulatedCrash&) {  // The process died of it; whoever runs it will see.
    }
  }
  void leave(const std::string& id) {
    life_.effects().run("leave group", settings_.group, [&] {
      broker_->with_group(settings_.group,
                          [&](KafkaGroup& group, std::int64_t now_ns, const auto& topics) {
                            group.leave(id, now_ns, topics);
                          });
    });
  }

  const std::shared_ptr<SimBroker> broker_;  // Shared by all clients.
  const ProcessLife life_;
  const kafka::ConsumerSettings settings_;
  const Duration poll_interval_;
  const std::shared_ptr<InUse> in_use_ = std::make_shared<InUse>();  // Shared with what is counted.

  // Of the polling thread.
  std::vector<std::string> topics_;
  Holding holding_ = Holding::nothing;
  std::map<kafka::TopicPartition, std::int64_t> assigned_;
  bool is_fenced_ = false;

  std::atomic<bool> is_closed_{false};
  mutable std::mutex mutex_;  // Guards what follows.
  SimGroupMetadata identity_;
  bool is_lost_ = false;
};

}  // namespace

std::unique_ptr<kafka::Consumer> make_sim_consumer(std::shared_ptr<SimBroker> broker,
                                                   const ProcessLife& life,
                                                   kafka::ConsumerSettings settings) {
  if (settings.group.empty()) {
    throw KafkaError{KafkaError::Kind::refused, "_INVALID_ARG", "group.id is empty"};
  }
  return std::make_unique<SimConsumer>(std::move(broker), life, std::move(settings));
}

}  // namespace weir::inline v0::testing
