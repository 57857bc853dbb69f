// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/clock.hpp"
#include "weir/export.hpp"
#include "weir/kafka_client.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/sim_log.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::testing {

class SimBroker;

/// A call of a Kafka client, to make it fail.
enum class KafkaCall : std::uint8_t {
  make_consumer,
  make_producer,
  join,  ///< Told by on_error; the member asks again with the next poll().
  fetch,
  committed,
  commit,
  metadata,  ///< partitions(), offset_range(), offset_at(), add_topic().
  init_transactions,
  produce,  ///< A delivery: told by on_delivery_error and the next call of the producer.
  send_offsets,
  commit_transaction,
};

/// Kafka in memory: the records of a SimLog, consumer groups with everything that a broker's
/// coordinator does for them, and clients for both. Lives on when a simulated process dies.
///
///     SimKafka kafka{log, effects, clock};
///     auto consumer = kafka.make_consumer({.group = "orders", ...});
///     auto producer = kafka.make_producer({.transactional_id = "orders.0"});
///     ...
///     kafka.step();   // What the threads of the clients do: deliver, wake.
///
/// How it differs from the real thing:
/// - No call waits. What is not decided at once is retriable at once.
/// - poll() makes one step: it joins, or makes one call of ConsumerEvents.
/// - After on_revoked() the partitions stay the member's until it calls assign({}), and the group
///   waits for it, as PreparingRebalance does: commits of the old generation are accepted. So a
///   member on one thread can return from on_revoked, finish its last checkpoint, and give its
///   readers and partitions up then. If that takes longer than `max.poll.interval.ms` (300'000
///   unless `config` says otherwise), it has lost the partitions.
/// - A process sends heartbeats by itself while it lives: members of a dead one are gone after
/// their
///   session timeout, unless another takes their instance over before.
/// - Records that are queued go to the log by step(), flush() and commit_transaction().
///
/// Calls that change the broker are numbered effects of the process: those of SimLog and "join
/// group", "leave group", "commit offsets of". Clients belong to the life of the process in which
/// they were made: in a later one their calls throw SimulatedCrash, and their destructors do
/// nothing. Readers that are there when partitions are given up, and records that are there when
/// their consumer goes, are an InternalError or an abort: a real client would hang.
/// Thread safety: any thread.
class WEIR_API SimKafka final : public kafka::KafkaClient {
 public:
  struct Options {
    std::uint64_t seed = 1;  ///< Of what clients' threads do when, and of the faults.
    /// Records that a producer queues, unless `queue.buffering.max.messages` says otherwise.
    std::size_t queue_record_count_max = 1'000;
    /// Records of one partition that go to the log together.
    std::size_t batch_records = 100;
    /// What a broker refuses to go below.
    Duration session_timeout_min{6'000};
  };

  /// All outlive this object and its clients. `effects`: of the process that the clients are in.
  SimKafka(SimLog& log, Effects& effects, const Clock& clock)
      : SimKafka(log, effects, clock, Options{}) {}
  SimKafka(SimLog& log, Effects& effects, const Clock& clock, const Options& options);
  SimKafka(const SimKafka&) = delete;
  SimKafka& operator=(const SimKafka&) = delete;
  ~SimKafka() override;

  std::unique_ptr<kafka::Consumer> make_consumer(kafka::ConsumerSettings settings) override;
  std::unique_ptr<kafka::Producer> make_producer(kafka::ProducerSettings settings) override;
  kafka::CommittedOffsets committed_of(const kafka::ConsumerSettings& settings,
                                       const std::vector<kafka::TopicPartition>& partitions,
                                       Duration timeout) override;

  void create_topic(const kafka::ConsumerSettings& settings, const std::string& topic,
                    const kafka::NewTopic& wanted, Duration timeout) override;
  void delete_records(const kafka::ConsumerSettings& settings,
                      const std::map<kafka::TopicPartition, std::int64_t>& before,
                      Duration timeout) override;

  /// The client of another process, with effects (and crashes) of its own, on the same broker.
  std::shared_ptr<SimKafka> of_process(Effects& effects) const;

  /// What threads of the client libraries do meanwhile: delivers queued records, tells of room,
  /// wakes readers that may have something. Returns whether anything was done.
  bool step();

  // Makes things happen.

  /// The next `count` calls of this kind fail so, by any client of the broker.
  void fail(KafkaCall call, std::uint32_t count, kafka::KafkaError::Kind kind,
            const std::string& code);
  /// All members of the group have to join again.
  void rebalance(const std::string& group);
  /// The coordinator forgets a member (its instance, or as members() calls it): it loses its
  /// partitions, and learns it later.
  void expel(const std::string& group, const std::string& member);
  /// Static members by their instances, then the others by their ids.
  std::vector<std::string> members(const std::string& group) const;
  /// How many rebalances of the group were completed.
  std::int32_t generation(const std::string& group) const;

 private:
  SimKafka(std::shared_ptr<SimBroker> broker, Effects& effects);

  const std::shared_ptr<SimBroker> broker_;  // Shared by all clients of all processes.
  Effects& effects_;
};

}  // namespace weir::inline v0::testing
