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
#include <vector>

#include "testing/kafka_group.hpp"
#include "weir/random.hpp"
#include "weir/testing/sim_kafka.hpp"

namespace weir::inline v0::testing {

LogPartition log_partition(const kafka::TopicPartition& partition);
LogOffsets log_offsets(const kafka::CommittedOffsets& offsets);
/// A number among the settings of a client. Throws KafkaError (refused) when it is none.
std::uint64_t number_in(const std::map<std::string, std::string>& config, const std::string& name,
                        std::uint64_t otherwise);
/// What a failure of the log is to a Kafka client; called in a catch block.
kafka::KafkaError current_kafka_error();

/// The life of a simulated process that a client was made in.
class ProcessLife final {
 public:
  explicit ProcessLife(Effects& effects) : effects_{&effects}, generation_{effects.generation()} {
    effects.check_alive(generation_);
  }
  Effects& effects() const noexcept { return *effects_; }
  /// Throws SimulatedCrash.
  void check() const { effects_->check_alive(generation_); }
  bool is_over() const { return effects_->has_crashed() || effects_->generation() != generation_; }

 private:
  Effects* effects_;
  std::uint64_t generation_;
};

/// Who says what of itself when it commits.
struct SimGroupMetadata final : kafka::GroupMetadata {
  std::string group;
  std::string member;
  std::string instance;
  std::int32_t generation = -1;
};

/// What threads of a client library do: each client is one.
class SimBackground {
 public:
  virtual ~SimBackground() = default;
  /// Returns whether anything was done.
  virtual bool work() = 0;
};

/// A broker for all clients of a SimKafka: the log, the groups, the failures to come.
class SimBroker final {
 public:
  SimBroker(SimLog& of_broker, const Clock& clock, const SimKafka::Options& wanted)
      : log{of_broker}, options{wanted}, clock_{clock}, random_{wanted.seed} {}

  SimLog& log;
  const SimKafka::Options options;

  /// A member's process lives as long as `life` does.
  void attach(const std::string& group, const std::string& member, const ProcessLife& life);
  /// Runs `act(group, now, topics)` on the group as it is now.
  template <class Act>
  auto with_group(const std::string& name, Act act) {
    const std::lock_guard lock{mutex_};
    return act(refreshed(name), clock_.monotonic_ns(), log.topics());
  }
  /// Throws the failure that was ordered for this call.
  void maybe_fail(KafkaCall call);
  void fail(KafkaCall call, std::uint32_t count, const kafka::KafkaError& error);
  bool chance(double probability);

  /// Of the group, settled. Throws KafkaError (retriable).
  kafka::CommittedOffsets committed(const std::string& group,
                                    const std::vector<kafka::TopicPartition>& partitions);
  std::vector<kafka::TopicPartition> partitions(const std::vector<std::string>& names);

  void add(SimBackground& background);
  void remove(SimBackground& background);
  bool step();

 private:
  struct Failure {
    std::uint32_t count = 0;
    kafka::KafkaError error;
  };
  KafkaGroup& refreshed(const std::string& name);

  const Clock& clock_;
  std::mutex mutex_;  // Guards what follows. The log's own lock comes after it.
  std::map<std::string, KafkaGroup> groups_;
  std::map<std::string, std::map<std::string, ProcessLife>> lives_;  // By group and member.
  std::map<KafkaCall, Failure> failures_;
  Random random_;
  // Held while they work, so that none goes meanwhile (but by what it calls itself). Comes before
  // the locks of clients and of the log.
  std::recursive_mutex backgrounds_mutex_;
  std::vector<SimBackground*> backgrounds_;  // In the order in which they were made.
};

std::unique_ptr<kafka::Consumer> make_sim_consumer(std::shared_ptr<SimBroker> broker,
                                                   const ProcessLife& life,
                                                   kafka::ConsumerSettings settings);
std::unique_ptr<kafka::Producer> make_sim_producer(std::shared_ptr<SimBroker> broker,
                                                   const ProcessLife& life,
                                                   kafka::ProducerSettings settings);

}  // namespace weir::inline v0::testing
