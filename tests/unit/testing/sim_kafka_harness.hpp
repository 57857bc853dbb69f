// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/testing/sim_kafka.hpp"
#include "weir/testing/virtual_clock.hpp"

namespace weir::testing {

constexpr Duration kNoWait{0};
constexpr Duration kSession{10'000};

/// A broker with topics "in" (4 partitions) and "out" (2).
struct Broker {
  Broker() : Broker(SimKafka::Options{}) {}
  explicit Broker(const SimKafka::Options& options)
      : kafka{std::make_shared<SimKafka>(log, effects, clock, options)} {
    log.create_topic("in", 4);
    log.create_topic("out", 2);
  }
  std::vector<std::string> committed(const std::string& topic) const {
    std::vector<std::string> values;
    for (const LogRecord& record : log.committed_records(topic)) {
      values.push_back(record.value.value_or("<none>"));
    }
    return values;
  }

  Effects effects;
  VirtualClock clock;
  SimLog log{effects, clock};
  std::shared_ptr<SimKafka> kafka;
};

/// A consumer that writes down what it is told.
struct Member {
  Member(SimKafka& kafka, const std::string& instance = "",
         const std::vector<std::string>& topics = {"in"}) {
    kafka::ConsumerSettings settings;
    settings.group = "g";
    settings.member = instance;
    settings.session_timeout = kSession;
    settings.events.on_assigned = [this](const auto& partitions) {
      told.push_back("assigned");
      owned = partitions;
    };
    settings.events.on_revoked = [this](bool is_lost) {
      told.push_back(is_lost ? "lost" : "revoked");
      if (!holds_back) consumer->assign({});
    };
    settings.events.on_error = [this](const kafka::KafkaError& error) {
      told.push_back(error.code());
    };
    consumer = kafka.make_consumer(std::move(settings));
    consumer->subscribe(topics);
  }
  void poll(int times = 1) {
    for (; times > 0; --times) consumer->poll(kNoWait);
  }
  std::vector<int> partitions(const std::string& topic = "in") const {
    std::vector<int> numbers;
    for (const auto& partition : owned) {
      if (partition.topic == topic) numbers.push_back(partition.partition);
    }
    return numbers;
  }
  /// Reads one partition from `offset` on.
  std::unique_ptr<kafka::PartitionReader> read(
      const kafka::TopicPartition& partition, std::int64_t offset,
      std::function<void()> wake = [] {}) const {
    consumer->assign({{partition, offset}});
    return consumer->reader(partition, std::move(wake));
  }

  bool holds_back = false;  ///< Does not give its partitions up in on_revoked.
  std::vector<std::string> told;
  std::vector<kafka::TopicPartition> owned;
  std::unique_ptr<kafka::Consumer> consumer;
};

/// Lets all of them poll until the group has settled.
inline void settle(const std::vector<Member*>& members) {
  for (int round = 0; round < 6; ++round) {
    for (Member* member : members) member->poll();
  }
}

/// The kind and code of what `call` throws: "retriable _TIMED_OUT"; empty: nothing.
inline std::string failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const kafka::KafkaError& error) {
    const std::vector<std::string> kinds{"retriable", "failed", "fenced", "refused"};
    return kinds[static_cast<std::size_t>(error.kind())] + " " + error.code();
  }
  return {};
}

inline std::vector<std::string> values_of(const std::unique_ptr<kafka::FetchedRecords>& fetched) {
  std::vector<std::string> values;
  if (fetched == nullptr) return values;
  for (const kafka::RecordView& record : fetched->records()) {
    values.emplace_back(record.value.value_or("<none>"));
  }
  return values;
}

/// A producer in a transaction unless `id` is empty, with "out" made known.
inline std::unique_ptr<kafka::Producer> producer_of(SimKafka& kafka, const std::string& id,
                                                    kafka::ProducerSettings settings = {}) {
  settings.transactional_id = id;
  auto producer = kafka.make_producer(std::move(settings));
  if (!id.empty()) producer->init_transactions(kNoWait);
  producer->add_topic("out", kNoWait);
  if (!id.empty()) producer->begin_transaction();
  return producer;
}

/// Returns how many of the values were taken.
inline std::size_t produce(kafka::Producer& producer, const std::vector<std::string>& values,
                           std::int32_t partition = 0) {
  std::vector<kafka::RecordToWrite> records;
  for (const std::string& value : values) {
    kafka::RecordToWrite record;
    record.key = "k";
    record.value = value;
    record.partition = partition;
    records.push_back(record);
  }
  return producer.produce("out", records);
}

}  // namespace weir::testing
