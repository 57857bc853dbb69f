// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/sim_kafka.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "testing/sim_broker.hpp"

namespace weir::inline v0::testing {

using kafka::KafkaError;

LogPartition log_partition(const kafka::TopicPartition& partition) {
  return {partition.topic, static_cast<std::uint32_t>(partition.partition)};
}

LogOffsets log_offsets(const kafka::CommittedOffsets& offsets) {
  LogOffsets converted;
  for (const auto& [partition, place] : offsets) {
    converted[log_partition(partition)] = {static_cast<std::uint64_t>(place.offset),
                                           place.metadata};
  }
  return converted;
}

std::uint64_t number_in(const std::map<std::string, std::string>& config, const std::string& name,
                        std::uint64_t otherwise) {
  const auto found = config.find(name);
  if (found == config.end()) return otherwise;
  const std::string& text = found->second;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  throw KafkaError{KafkaError::Kind::refused, "_INVALID_ARG",
                   name + " is '" + text + "'; it must be a number"};
}

KafkaError current_kafka_error() {
  try {
    throw;
  } catch (const KafkaError& error) {
    return error;
  } catch (const ProducerFenced& error) {
    return {KafkaError::Kind::fenced, "INVALID_PRODUCER_EPOCH", error.what()};
  } catch (const LogError& error) {
    return {KafkaError::Kind::failed, "TRANSACTION_ABORTABLE", error.what()};
  }
}

KafkaGroup& SimBroker::refreshed(const std::string& name) {
  KafkaGroup& group = groups_[name];
  const std::int64_t now_ns = clock_.monotonic_ns();
  for (const auto& [member, life] : lives_[name]) {
    if (!life.is_over()) group.heartbeat(member, now_ns);
  }
  group.refresh(now_ns, log.topics());
  return group;
}

void SimBroker::attach(const std::string& group, const std::string& member,
                       const ProcessLife& life) {
  const std::lock_guard lock{mutex_};
  lives_[group].insert_or_assign(member, life);
}

void SimBroker::maybe_fail(KafkaCall call) {
  const std::lock_guard lock{mutex_};
  const auto failure = failures_.find(call);
  if (failure == failures_.end()) return;
  const KafkaError error = failure->second.error;
  if (--failure->second.count == 0) failures_.erase(failure);
  throw error;
}

void SimBroker::fail(KafkaCall call, std::uint32_t count, const KafkaError& error) {
  const std::lock_guard lock{mutex_};
  failures_.erase(call);
  if (count > 0) failures_.emplace(call, Failure{count, error});
}

bool SimBroker::chance(double probability) {
  const std::lock_guard lock{mutex_};
  return random_.chance(probability);
}

kafka::CommittedOffsets SimBroker::committed(const std::string& group,
                                             const std::vector<kafka::TopicPartition>& partitions) {
  maybe_fail(KafkaCall::committed);
  const SimLog::Places places = log.places(group);
  kafka::CommittedOffsets committed;
  for (const kafka::TopicPartition& partition : partitions) {
    const LogPartition known = log_partition(partition);
    if (places.undecided.count(known) > 0) {
      throw KafkaError{KafkaError::Kind::retriable, "UNSTABLE_OFFSET_COMMIT",
                       "the offset of " + to_string(known) + " in group '" + group +
                           "' is not decided: a transaction is open"};
    }
    const auto place = places.offsets.find(known);
    if (place == places.offsets.end()) continue;
    committed[partition] = {static_cast<std::int64_t>(place->second.offset),
                            place->second.metadata};
  }
  return committed;
}

std::vector<kafka::TopicPartition> SimBroker::partitions(const std::vector<std::string>& names) {
  maybe_fail(KafkaCall::metadata);
  std::vector<kafka::TopicPartition> found;
  for (const auto& [topic, count] : matching_topics(names, log.topics())) {
    for (std::uint32_t number = 0; number < count; ++number) {
      found.push_back({topic, static_cast<std::int32_t>(number)});
    }
  }
  return found;
}

void SimBroker::add(SimBackground& background) {
  const std::lock_guard lock{backgrounds_mutex_};
  backgrounds_.push_back(&background);
}

void SimBroker::remove(SimBackground& background) {
  const std::lock_guard lock{backgrounds_mutex_};
  backgrounds_.erase(std::find(backgrounds_.begin(), backgrounds_.end(), &background));
}

bool SimBroker::step() {
  const std::lock_guard lock{backgrounds_mutex_};
  bool has_progress = false;
  for (SimBackground* background : std::vector<SimBackground*>{backgrounds_}) {
    const auto found = std::find(backgrounds_.begin(), backgrounds_.end(), background);
    if (found != backgrounds_.end()) has_progress |= background->work();
  }
  return has_progress;
}

SimKafka::SimKafka(SimLog& log, Effects& effects, const Clock& clock, const Options& options)
    : SimKafka(std::make_shared<SimBroker>(log, clock, options), effects) {}

SimKafka::SimKafka(std::shared_ptr<SimBroker> broker, Effects& effects)
    : broker_{std::move(broker)}, effects_{effects} {}

SimKafka::~SimKafka() = default;

std::unique_ptr<kafka::Consumer> SimKafka::make_consumer(kafka::ConsumerSettings settings) {
  const ProcessLife life{effects_};
  broker_->maybe_fail(KafkaCall::make_consumer);
  return make_sim_consumer(broker_, life, std::move(settings));
}

std::unique_ptr<kafka::Producer> SimKafka::make_producer(kafka::ProducerSettings settings) {
  const ProcessLife life{effects_};
  broker_->maybe_fail(KafkaCall::make_producer);
  return make_sim_producer(broker_, life, std::move(settings));
}

kafka::CommittedOffsets SimKafka::committed_of(const kafka::ConsumerSettings& settings,
                                               const std::vector<kafka::TopicPartition>& partitions,
                                               Duration) {
  const ProcessLife life{effects_};
  return broker_->committed(settings.group, partitions);
}

void SimKafka::create_topic(const kafka::ConsumerSettings&, const std::string& topic,
                            const kafka::NewTopic& wanted, Duration) {
  const ProcessLife life{effects_};
  broker_->maybe_fail(KafkaCall::metadata);
  if (!broker_->partitions({topic}).empty()) return;
  broker_->log.create_topic(topic, static_cast<std::uint32_t>(wanted.partitions));
}

void SimKafka::delete_records(const kafka::ConsumerSettings&,
                              const std::map<kafka::TopicPartition, std::int64_t>& before,
                              Duration) {
  const ProcessLife life{effects_};
  broker_->maybe_fail(KafkaCall::metadata);
  for (const auto& [partition, offset] : before) {
    broker_->log.delete_records({partition.topic, static_cast<std::uint32_t>(partition.partition)},
                                static_cast<std::uint64_t>(offset));
  }
}

std::shared_ptr<SimKafka> SimKafka::of_process(Effects& effects) const {
  return std::shared_ptr<SimKafka>{new SimKafka(broker_, effects)};
}

bool SimKafka::step() { return broker_->step(); }

void SimKafka::fail(KafkaCall call, std::uint32_t count, KafkaError::Kind kind,
                    const std::string& code) {
  broker_->fail(call, count, {kind, code, "this call was told to fail"});
}

void SimKafka::rebalance(const std::string& group) {
  broker_->with_group(
      group, [](KafkaGroup& known, std::int64_t now_ns, const auto&) { known.rebalance(now_ns); });
}

void SimKafka::expel(const std::string& group, const std::string& member) {
  broker_->with_group(group, [&](KafkaGroup& known, std::int64_t now_ns, const auto& topics) {
    known.leave(known.id_of(member), now_ns, topics);
  });
}

std::vector<std::string> SimKafka::members(const std::string& group) const {
  return broker_->with_group(
      group, [](KafkaGroup& known, auto, const auto&) { return known.member_names(); });
}

std::int32_t SimKafka::generation(const std::string& group) const {
  return broker_->with_group(
      group, [](KafkaGroup& known, auto, const auto&) { return known.generation(); });
}

}  // namespace weir::inline v0::testing
