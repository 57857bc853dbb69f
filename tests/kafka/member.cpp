// SPDX-License-Identifier: Apache-2.0
#include "kafka/member.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "kafka/librdkafka/client.hpp"

namespace kafka_test {
namespace {

using weir::Duration;
using weir::kafka::KafkaError;
using weir::kafka::TopicPartition;

std::optional<std::string> copy(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

Got copy(const weir::kafka::FetchedRecords& fetched, std::size_t record) {
  const weir::kafka::RecordView& view = fetched.records()[record];
  Got got{.offset = view.offset,
          .time_ms = view.time.ms(),
          .key = copy(view.key),
          .value = copy(view.value),
          .headers = {}};
  for (const weir::kafka::HeaderView& header : fetched.headers(record)) {
    got.headers.emplace_back(header.name, copy(header.value));
  }
  return got;
}

/// Everything but where the brokers are.
std::map<std::string, std::string> other_settings(const ClientSettings& client) {
  std::map<std::string, std::string> others = client;
  others.erase("bootstrap.servers");
  return others;
}

}  // namespace

weir::EventTime now() {
  return weir::EventTime{std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
}

Member::Member(weir::kafka::ConsumerSettings settings) {
  settings.events.on_assigned = [this](const std::vector<TopicPartition>& partitions) {
    assigned = partitions;
  };
  settings.events.on_revoked = [this](bool is_lost) {
    ++revocations;
    assigned.reset();
    if (on_revoked) on_revoked(is_lost);
  };
  settings.events.on_error = [this](const KafkaError& error) { errors.push_back(error); };
  consumer_ = weir::kafka::librdkafka_client()->make_consumer(std::move(settings));
}

bool Member::poll_until(const std::function<bool()>& holds, Duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    consumer_->poll(Duration{5});
  }
  return true;
}

void Member::join(const std::string& topic) {
  consumer_->subscribe({topic});
  if (!poll_until([&] { return assigned && !assigned->empty(); })) {
    throw std::runtime_error{"no partitions of " + topic};
  }
}

void Member::assign_committed() {
  const auto committed = consumer_->committed(*assigned, kLimit);
  std::map<TopicPartition, std::int64_t> starts;
  for (const TopicPartition& partition : *assigned) {
    const auto found = committed.find(partition);
    starts[partition] = found == committed.end() ? 0 : found->second.offset;
  }
  consumer_->assign(starts);
}

std::vector<Got> take(weir::kafka::PartitionReader& reader, std::size_t record_count_max) {
  std::vector<Got> all;
  while (const auto fetched = reader.fetch(record_count_max)) {
    for (std::size_t i = 0; i < fetched->records().size(); ++i) all.push_back(copy(*fetched, i));
  }
  return all;
}

std::vector<Got> read_to_end(Member& member, weir::kafka::PartitionReader& reader) {
  std::vector<Got> all;
  const bool is_there = member.poll_until([&] {
    for (Got& record : take(reader)) all.push_back(std::move(record));
    return reader.is_at_end();
  });
  if (!is_there) throw std::runtime_error{"no end, after " + std::to_string(all.size())};
  return all;
}

std::vector<std::string> values(const std::vector<Got>& records) {
  std::vector<std::string> all;
  for (const Got& record : records) all.push_back(record.value.value_or("(tombstone)"));
  return all;
}

weir::kafka::ConsumerSettings consumer_settings(const ClientSettings& client,
                                                const std::string& group) {
  return {.brokers = client.at("bootstrap.servers"),
          .group = group,
          .session_timeout = Duration{6'000},
          .config = other_settings(client)};
}

weir::kafka::ProducerSettings producer_settings(const ClientSettings& client,
                                                const std::string& transactional_id) {
  return {.brokers = client.at("bootstrap.servers"),
          .transactional_id = transactional_id,
          .config = other_settings(client)};
}

std::unique_ptr<weir::kafka::Producer> transactional_producer(const ClientSettings& client,
                                                              const std::string& id,
                                                              const std::string& topic) {
  auto producer = weir::kafka::librdkafka_client()->make_producer(producer_settings(client, id));
  producer->init_transactions(kLimit);
  producer->add_topic(topic, kLimit);
  return producer;
}

KafkaError error_in(const std::function<void()>& call) {
  try {
    call();
  } catch (const KafkaError& error) {
    return error;
  }
  throw std::runtime_error{"nothing was thrown"};
}

}  // namespace kafka_test
