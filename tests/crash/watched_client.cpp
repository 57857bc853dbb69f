// SPDX-License-Identifier: Apache-2.0
#include "crash/watched_client.hpp"

#include <mutex>
#include <utility>

#include "weir/random.hpp"

namespace weir::crash {
namespace {

using kafka::CommittedOffsets;
using kafka::KafkaError;
using kafka::TopicPartition;

/// Runs one step of the protocol between its two announcements.
template <class Call>
auto watched(const AtStep& at_step, const std::string& step, const Call& call) {
  at_step("before " + step);
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    at_step("after " + step);
  } else {
    auto result = call();
    at_step("after " + step);
    return result;
  }
}

class WatchedConsumer final : public kafka::Consumer {
 public:
  WatchedConsumer(std::unique_ptr<kafka::Consumer> consumer, const AtStep& at_step)
      : consumer_{std::move(consumer)}, at_step_{at_step} {}

  void subscribe(const std::vector<std::string>& topics) override { consumer_->subscribe(topics); }
  void poll(Duration timeout) override { consumer_->poll(timeout); }
  void assign(const std::map<TopicPartition, std::int64_t>& offsets) override {
    watched(at_step_, "assign", [&] { consumer_->assign(offsets); });
  }
  std::unique_ptr<kafka::PartitionReader> reader(const TopicPartition& partition,
                                                 std::function<void()> wake) override {
    return consumer_->reader(partition, std::move(wake));
  }
  CommittedOffsets committed(const std::vector<TopicPartition>& partitions,
                             Duration timeout) override {
    return watched(at_step_, "committed",
                   [&] { return consumer_->committed(partitions, timeout); });
  }
  void commit(const CommittedOffsets& offsets, Duration timeout) override {
    consumer_->commit(offsets, timeout);
  }
  std::shared_ptr<kafka::GroupMetadata> group_metadata() const override {
    return consumer_->group_metadata();
  }
  bool is_assignment_lost() const override { return consumer_->is_assignment_lost(); }
  std::vector<TopicPartition> partitions(const std::vector<std::string>& topics,
                                         Duration timeout) override {
    return consumer_->partitions(topics, timeout);
  }
  std::pair<std::int64_t, std::int64_t> offset_range(const TopicPartition& partition,
                                                     Duration timeout) override {
    return consumer_->offset_range(partition, timeout);
  }
  std::optional<std::int64_t> offset_at(const TopicPartition& partition, EventTime time,
                                        Duration timeout) override {
    return consumer_->offset_at(partition, time, timeout);
  }
  void close() override { consumer_->close(); }

 private:
  const std::unique_ptr<kafka::Consumer> consumer_;
  const AtStep& at_step_;
};

class WatchedProducer final : public kafka::Producer {
 public:
  WatchedProducer(std::unique_ptr<kafka::Producer> producer, const AtStep& at_step)
      : producer_{std::move(producer)}, at_step_{at_step} {}

  std::int32_t add_topic(const std::string& name, Duration timeout) override {
    return producer_->add_topic(name, timeout);
  }
  std::size_t produce(const std::string& topic,
                      const std::vector<kafka::RecordToWrite>& records) override {
    return watched(at_step_, "produce", [&] { return producer_->produce(topic, records); });
  }
  void flush(Duration timeout) override {
    watched(at_step_, "flush", [&] { producer_->flush(timeout); });
  }
  std::pair<std::uint64_t, std::uint64_t> queued() const override { return producer_->queued(); }
  void init_transactions(Duration timeout) override {
    watched(at_step_, "init_transactions", [&] { producer_->init_transactions(timeout); });
  }
  void begin_transaction() override {
    watched(at_step_, "begin", [&] { producer_->begin_transaction(); });
  }
  void send_offsets(const CommittedOffsets& offsets, const std::string& group_name,
                    const std::shared_ptr<kafka::GroupMetadata>& group, Duration timeout) override {
    watched(at_step_, "send_offsets",
            [&] { producer_->send_offsets(offsets, group_name, group, timeout); });
  }
  void commit_transaction(Duration timeout) override {
    watched(at_step_, "commit_transaction", [&] { producer_->commit_transaction(timeout); });
  }

 private:
  const std::unique_ptr<kafka::Producer> producer_;
  const AtStep& at_step_;
};

class WatchedClient final : public kafka::KafkaClient {
 public:
  WatchedClient(std::shared_ptr<kafka::KafkaClient> client, AtStep at_step)
      : client_{std::move(client)}, at_step_{std::move(at_step)} {}

  std::unique_ptr<kafka::Consumer> make_consumer(kafka::ConsumerSettings settings) override {
    return std::make_unique<WatchedConsumer>(client_->make_consumer(std::move(settings)), at_step_);
  }
  std::unique_ptr<kafka::Producer> make_producer(kafka::ProducerSettings settings) override {
    return std::make_unique<WatchedProducer>(client_->make_producer(std::move(settings)), at_step_);
  }
  CommittedOffsets committed_of(const kafka::ConsumerSettings& settings,
                                const std::vector<TopicPartition>& partitions,
                                Duration timeout) override {
    return watched(at_step_, "committed",
                   [&] { return client_->committed_of(settings, partitions, timeout); });
  }
  void create_topic(const kafka::ConsumerSettings& settings, const std::string& topic,
                    const kafka::NewTopic& wanted, Duration timeout) override {
    client_->create_topic(settings, topic, wanted, timeout);
  }
  void delete_records(const kafka::ConsumerSettings& settings,
                      const std::map<TopicPartition, std::int64_t>& before,
                      Duration timeout) override {
    client_->delete_records(settings, before, timeout);
  }
  std::vector<std::string> faults() const override { return client_->faults(); }
  std::vector<std::string> notes() const override { return client_->notes(); }

 private:
  const std::shared_ptr<kafka::KafkaClient> client_;
  const AtStep at_step_;
};

class InjectedErrors final {
 public:
  InjectedErrors(std::uint64_t seed, std::uint64_t one_in) : random_{seed}, one_in_{one_in} {}

  void pass(const std::string& step) {
    const std::lock_guard lock{mutex_};
    if (random_.below(one_in_) != 0) return;
    const bool is_before = step.rfind("before ", 0) == 0;
    const std::uint64_t kind = random_.below(3);
    // What was done may not be said to be undecided: the call would be repeated.
    if (kind == 0 && is_before) {
      throw KafkaError{KafkaError::Kind::retriable, "INJECTED", "injected delay " + step};
    }
    // Who is fenced again and again has a rival, and gives way.
    if (kind == 1 && !std::exchange(was_fenced_, true)) {
      throw KafkaError{KafkaError::Kind::fenced, "INJECTED", "injected fencing " + step};
    }
    throw KafkaError{KafkaError::Kind::failed, "INJECTED", "injected failure " + step};
  }

 private:
  std::mutex mutex_;
  Random random_;
  const std::uint64_t one_in_;
  bool was_fenced_ = false;
};

}  // namespace

std::shared_ptr<kafka::KafkaClient> watched_client(std::shared_ptr<kafka::KafkaClient> client,
                                                   AtStep at_step) {
  return std::make_shared<WatchedClient>(std::move(client), std::move(at_step));
}

AtStep injected_errors(std::uint64_t seed, std::uint64_t one_in) {
  const auto errors = std::make_shared<InjectedErrors>(seed, one_in);
  return [errors](const std::string& step) { errors->pass(step); };
}

}  // namespace weir::crash
