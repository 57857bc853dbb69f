// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "testing/sim_broker.hpp"
#include "weir/detail/assert.hpp"

namespace weir::inline v0::testing {
namespace {

using kafka::KafkaError;

/// A producer over the log's, with a queue in front.
///
/// Invariants:
/// 1. Records of one partition go to the log in the order in which they were queued.
/// 2. What has failed once fails for ever: `broken_`.
class SimProducer final : public kafka::Producer, public SimBackground {
  enum class Phase : std::uint8_t { created, idle, open, committing };

 public:
  SimProducer(std::shared_ptr<SimBroker> broker, const ProcessLife& life,
              kafka::ProducerSettings settings)
      : broker_{std::move(broker)},
        life_{life},
        settings_{std::move(settings)},
        queue_max_{number_in(settings_.config, "queue.buffering.max.messages",
                             broker_->options.queue_record_count_max)} {
    broker_->add(*this);
  }
  ~SimProducer() override { broker_->remove(*this); }

  std::int32_t add_topic(const std::string& name, Duration) override {
    const std::lock_guard lock{mutex_};
    check();
    broker_->maybe_fail(KafkaCall::metadata);
    const auto known = broker_->log.topics();
    const auto topic = known.find(name);
    if (topic == known.end()) {
      throw KafkaError{KafkaError::Kind::failed, "UNKNOWN_TOPIC_OR_PART",
                       "there is no topic '" + name + "'"};
    }
    topics_.insert(name);
    return static_cast<std::int32_t>(topic->second);
  }

  std::size_t produce(const std::string& topic,
                      const std::vector<kafka::RecordToWrite>& records) override {
    const std::lock_guard lock{mutex_};
    check();
    expect(is_transactional() ? Phase::open : Phase::created, "produce()");
    WEIR_ASSERT(topics_.count(topic) > 0, "produce() to a topic that was not added", topic);
    const std::size_t room = queue_max_ - std::min<std::uint64_t>(queue_max_, queued_count_);
    const std::size_t taken = std::min(records.size(), room);
    for (std::size_t i = 0; i < taken; ++i) queue(topic, records[i]);
    wants_room_ |= taken < records.size();
    return taken;
  }

  void flush(Duration) override {
    const std::unique_lock lock{mutex_};
    check();
    while (queued_count_ > 0) deliver_batch();
  }

  std::pair<std::uint64_t, std::uint64_t> queued() const override {
    const std::lock_guard lock{mutex_};
    return {queued_count_, queued_bytes_};
  }

  void init_transactions(Duration) override {
    const std::lock_guard lock{mutex_};
    check();
    expect(Phase::created, "init_transactions()");
    broker_->maybe_fail(KafkaCall::init_transactions);
    producer_ = broker_->log.init_producer(settings_.transactional_id,
                                           settings_.transaction_timeout, &life_.effects());
    phase_ = Phase::idle;
  }

  void begin_transaction() override {
    const std::lock_guard lock{mutex_};
    check();
    expect(Phase::idle, "begin_transaction()");
    producer_->begin();
    phase_ = Phase::open;
  }

  void send_offsets(const kafka::CommittedOffsets& offsets, const std::string& group_name,
                    const std::shared_ptr<kafka::GroupMetadata>& group, Duration) override {
    const std::lock_guard lock{mutex_};
    check();
    expect(Phase::open, "send_offsets()");
    const SimGroupMetadata who = identity(group_name, group);
    breaking([&] {
      broker_->maybe_fail(KafkaCall::send_offsets);
      broker_->with_group(who.group, [&](KafkaGroup& known, auto, const auto&) {
        known.check(who.member, who.instance, who.generation);
        producer_->send_offsets(who.group, log_offsets(offsets));
      });
    });
  }

  void commit_transaction(Duration) override {
    const std::lock_guard lock{mutex_};
    check();
    if (phase_ != Phase::committing) expect(Phase::open, "commit_transaction()");
    while (queued_count_ > 0) deliver_batch();
    breaking([&] {
      broker_->maybe_fail(KafkaCall::commit_transaction);
      phase_ = Phase::committing;
      if (!producer_->commit()) {
        throw KafkaError{KafkaError::Kind::retriable, "_TIMED_OUT",
                         "whether the transaction is committed is not known yet"};
      }
      phase_ = Phase::idle;
    });
  }

  bool work() override {
    if (life_.is_over()) return false;
    std::optional<KafkaError> failure;
    bool has_room = false;
    {
      const std::lock_guard lock{mutex_};
      if (!broken_ && queued_count_ > 0 && broker_->chance(0.5)) try_to_deliver();
      failure = std::exchange(untold_, std::nullopt);
      has_room = wants_room_ && queued_count_ < queue_max_;
      if (has_room) wants_room_ = false;
    }
    if (failure && settings_.on_delivery_error) settings_.on_delivery_error(*failure);
    if (has_room && settings_.on_room) settings_.on_room();
    return failure.has_value() || has_room;
  }

 private:
  bool is_transactional() const noexcept { return !settings_.transactional_id.empty(); }

  void check() const {
    life_.check();
    if (broken_) throw *broken_;
  }
  void expect(Phase phase, const char* call) const {
    if (phase_ == phase) return;
    throw KafkaError{KafkaError::Kind::failed, "_STATE",
                     std::string{call} + " at this point of the transaction's life"};
  }
  static SimGroupMetadata identity(const std::string& name,
                                   const std::shared_ptr<kafka::GroupMetadata>& group) {
    if (group) return dynamic_cast<const SimGroupMetadata&>(*group);
    SimGroupMetadata nobody;
    nobody.group = name;
    return nobody;
  }

  /// Runs `call`; an error that is not retriable is the end of this producer.
  template <class Call>
  void breaking(Call call) {
    try {
      call();
    } catch (const IoError&) {
      const KafkaError error = current_kafka_error();
      if (error.kind() != KafkaError::Kind::retriable) broken_ = error;
      throw error;
    }
  }

  void queue(const std::string& topic, const kafka::RecordToWrite& record) {
    LogRecord copy;
    if (record.key) copy.key = std::string{*record.key};
    if (record.value) copy.value = std::string{*record.value};
    if (record.headers != nullptr) copy.headers = *record.headers;
    copy.time = record.time;
    ++queued_count_;
    queued_bytes_ += size_of(copy);
    queue_[{topic, static_cast<std::uint32_t>(record.partition)}].push_back(std::move(copy));
  }
  static std::uint64_t size_of(const LogRecord& record) {
    return record.key.value_or("").size() + record.value.value_or("").size();
  }

  /// Takes what goes to the log together, of the partition that comes first.
  std::pair<LogPartition, std::vector<LogRecord>> take_batch() {
    const auto first = queue_.begin();
    std::pair<LogPartition, std::vector<LogRecord>> batch{first->first, {}};
    while (!first->second.empty() && batch.second.size() < broker_->options.batch_records) {
      batch.second.push_back(std::move(first->second.front()));
      first->second.pop_front();
      --queued_count_;
      queued_bytes_ -= size_of(batch.second.back());
    }
    if (first->second.empty()) queue_.erase(first);
    return batch;
  }

  void deliver_batch() {
    const auto [partition, records] = take_batch();
    try {
      breaking([&, &partition = partition, &records = records] {
        broker_->maybe_fail(KafkaCall::produce);
        if (is_transactional()) {
          producer_->append(partition, records);
        } else {
          append_outside_transaction(partition, records);
        }
      });
    } catch (const KafkaError& error) {
      broken_ = error;
      untold_ = error;
      throw;
    }
  }
  void try_to_deliver() {
    try {
      deliver_batch();
    } catch (const KafkaError&) {  // The next call tells, and on_delivery_error.
    }
  }
  /// When it fails, the records may be in the log all the same.
  void append_outside_transaction(const LogPartition& partition,
                                  const std::vector<LogRecord>& records) {
    const bool fails = broker_->log.happens(&LogFaults::append_fails);
    if (!fails || broker_->chance(0.5)) {
      life_.effects().run("produce to", to_string(partition), [&] {
        for (const LogRecord& record : records) broker_->log.append(partition, record);
      });
    }
    if (!fails) return;
    throw KafkaError{KafkaError::Kind::failed, "_MSG_TIMED_OUT",
                     "producing to " + to_string(partition) + " failed"};
  }

  const std::shared_ptr<SimBroker> broker_;  // Shared by all clients.
  const ProcessLife life_;
  const kafka::ProducerSettings settings_;
  const std::uint64_t queue_max_;

  // Workers, the storage thread and the client's own thread meet here. Guards what follows; comes
  // before the locks of the broker.
  mutable std::mutex mutex_;
  Phase phase_ = Phase::created;
  std::set<std::string> topics_;
  std::unique_ptr<LogProducer> producer_;
  std::map<LogPartition, std::deque<LogRecord>> queue_;
  std::uint64_t queued_count_ = 0;
  std::uint64_t queued_bytes_ = 0;
  bool wants_room_ = false;
  std::optional<KafkaError> broken_;
  std::optional<KafkaError> untold_;  // Of a delivery, to be told by work().
};

}  // namespace

std::unique_ptr<kafka::Producer> make_sim_producer(std::shared_ptr<SimBroker> broker,
                                                   const ProcessLife& life,
                                                   kafka::ProducerSettings settings) {
  return std::make_unique<SimProducer>(std::move(broker), life, std::move(settings));
}

}  // namespace weir::inline v0::testing
