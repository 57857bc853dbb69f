// SPDX-License-Identifier: Apache-2.0
#include "kafka/topics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>

#include "kafka/rdkafka.hpp"

namespace kafka_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLimitMs = 30'000;

using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;

/// One request of the admin API and its answer.
class Admin final {
 public:
  explicit Admin(const ClientSettings& settings)
      : client_{make_client(RD_KAFKA_PRODUCER, settings)},
        queue_{rd_kafka_queue_new(client_.get())} {}

  rd_kafka_t* client() { return client_.get(); }
  rd_kafka_queue_t* queue() { return queue_.get(); }

  AdminOptions options(rd_kafka_admin_op_t operation) {
    AdminOptions options{rd_kafka_AdminOptions_new(client_.get(), operation)};
    std::array<char, 256> reason{};
    check(rd_kafka_AdminOptions_set_request_timeout(options.get(), kLimitMs, reason.data(),
                                                    reason.size()),
          "timeout of an admin request");
    return options;
  }

  Event answer(const std::string& what) {
    Event event{rd_kafka_queue_poll(queue_.get(), 2 * kLimitMs)};
    if (!event) throw std::runtime_error{what + ": no answer"};
    check(rd_kafka_event_error(event.get()), what);
    return event;
  }

 private:
  Handle client_;
  Queue queue_;
};

void check_topic(const rd_kafka_topic_result_t* result, const std::string& what) {
  const char* reason = rd_kafka_topic_result_error_string(result);
  check(rd_kafka_topic_result_error(result),
        what + (reason != nullptr ? ": " : "") + (reason != nullptr ? reason : ""));
}

/// The partitions of a topic that have a leader: its node by partition. Empty: no such topic.
std::map<int, int> leaders(rd_kafka_t* client, const std::string& topic) {
  const std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>> handle{
      rd_kafka_topic_new(client, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* metadata = nullptr;
  check(rd_kafka_metadata(client, 0, handle.get(), &metadata, kLimitMs), "metadata of " + topic);
  const MetadataPtr owned{metadata};
  std::map<int, int> found;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = metadata->topics[0].partitions[i];
    if (partition.err == RD_KAFKA_RESP_ERR_NO_ERROR) found[partition.id] = partition.leader;
  }
  return found;
}

void wait_for_partitions(rd_kafka_t* client, const std::string& topic, int partitions) {
  const auto until = Clock::now() + std::chrono::milliseconds{kLimitMs};
  while (leaders(client, topic).size() != static_cast<std::size_t>(partitions)) {
    if (Clock::now() > until) {
      throw std::runtime_error{topic + " does not get " + std::to_string(partitions) +
                               " partitions with a leader"};
    }
    rd_kafka_poll(client, 10);
  }
}

Partitions list_of(const std::string& topic, int partition, std::int64_t offset) {
  Partitions list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

/// A request to a leader that is gone waits out its time, so ask again before long. Asks as for a
/// time: rd_kafka_query_watermark_offsets() of librdkafka 2.0.2 has no limit then.
std::int64_t ask_offset(rd_kafka_t* client, const std::string& topic, int partition,
                        std::int64_t which) {
  const auto until = Clock::now() + std::chrono::milliseconds{kLimitMs};
  while (true) {
    const Partitions list = list_of(topic, partition, which);
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list.get(), 2000);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return list->elems[0].offset;
    if (Clock::now() > until) check(code, "offsets of " + topic);
    rd_kafka_poll(client, 20);
  }
}

bool are_in_sync(const rd_kafka_metadata_t& metadata) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    for (int j = 0; j < metadata.topics[i].partition_cnt; ++j) {
      const rd_kafka_metadata_partition_t& partition = metadata.topics[i].partitions[j];
      if (partition.leader < 0 || partition.isr_cnt < partition.replica_cnt) return false;
    }
  }
  return true;
}

}  // namespace

void create_topic(const ClientSettings& client, const std::string& topic,
                  const TopicOptions& options) {
  Admin admin{client};
  std::array<char, 256> reason{};
  const std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>> made{
      rd_kafka_NewTopic_new(topic.c_str(), options.partitions, options.replicas, reason.data(),
                            reason.size())};
  if (!made) throw std::runtime_error{"topic " + topic + ": " + reason.data()};
  for (const auto& [name, value] : options.config) {
    check(rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str()), name);
  }
  std::array<rd_kafka_NewTopic_t*, 1> all{made.get()};
  rd_kafka_CreateTopics(admin.client(), all.data(), all.size(),
                        admin.options(RD_KAFKA_ADMIN_OP_CREATETOPICS).get(), admin.queue());
  const Event event = admin.answer("create " + topic);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.get());
  check_topic(rd_kafka_CreateTopics_result_topics(result, &count)[0], "create " + topic);
  wait_for_partitions(admin.client(), topic, options.partitions);
}

void delete_topic(const ClientSettings& client, const std::string& topic) {
  Admin admin{client};
  const std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy<rd_kafka_DeleteTopic_destroy>> made{
      rd_kafka_DeleteTopic_new(topic.c_str())};
  std::array<rd_kafka_DeleteTopic_t*, 1> all{made.get()};
  rd_kafka_DeleteTopics(admin.client(), all.data(), all.size(),
                        admin.options(RD_KAFKA_ADMIN_OP_DELETETOPICS).get(), admin.queue());
  const Event event = admin.answer("delete " + topic);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
  check_topic(rd_kafka_DeleteTopics_result_topics(result, &count)[0], "delete " + topic);
  wait_for_partitions(admin.client(), topic, 0);
}

void grow_topic(const ClientSettings& client, const std::string& topic, int partitions) {
  Admin admin{client};
  std::array<char, 256> reason{};
  const std::unique_ptr<rd_kafka_NewPartitions_t, Destroy<rd_kafka_NewPartitions_destroy>> made{
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), reason.data(),
                                 reason.size())};
  if (!made) throw std::runtime_error{"partitions of " + topic + ": " + reason.data()};
  std::array<rd_kafka_NewPartitions_t*, 1> all{made.get()};
  rd_kafka_CreatePartitions(admin.client(), all.data(), all.size(),
                            admin.options(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS).get(), admin.queue());
  const Event event = admin.answer("grow " + topic);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event.get());
  check_topic(rd_kafka_CreatePartitions_result_topics(result, &count)[0], "grow " + topic);
  wait_for_partitions(admin.client(), topic, partitions);
}

void alter_topic(const ClientSettings& client, const std::string& topic,
                 const std::map<std::string, std::string>& config) {
  Admin admin{client};
  const std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>> made{
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  for (const auto& [name, value] : config) {
    check(rd_kafka_ConfigResource_set_config(made.get(), name.c_str(), value.c_str()), name);
  }
  std::array<rd_kafka_ConfigResource_t*, 1> all{made.get()};
  rd_kafka_AlterConfigs(admin.client(), all.data(), all.size(),
                        admin.options(RD_KAFKA_ADMIN_OP_ALTERCONFIGS).get(), admin.queue());
  const Event event = admin.answer("alter " + topic);
  std::size_t count = 0;
  const auto* result = rd_kafka_event_AlterConfigs_result(event.get());
  const auto* first = rd_kafka_AlterConfigs_result_resources(result, &count)[0];
  check(rd_kafka_ConfigResource_error(first), "alter " + topic);
}

void delete_records(const ClientSettings& client, const std::string& topic, int partition,
                    std::int64_t before) {
  Admin admin{client};
  const Partitions where = list_of(topic, partition, before);
  const std::unique_ptr<rd_kafka_DeleteRecords_t, Destroy<rd_kafka_DeleteRecords_destroy>> made{
      rd_kafka_DeleteRecords_new(where.get())};
  std::array<rd_kafka_DeleteRecords_t*, 1> all{made.get()};
  rd_kafka_DeleteRecords(admin.client(), all.data(), all.size(),
                         admin.options(RD_KAFKA_ADMIN_OP_DELETERECORDS).get(), admin.queue());
  const Event event = admin.answer("delete records of " + topic);
  const auto* result = rd_kafka_event_DeleteRecords_result(event.get());
  check(rd_kafka_DeleteRecords_result_offsets(result)->elems[0].err, "delete records of " + topic);
}

std::vector<Offsets> offsets_of(const ClientSettings& client, const std::string& topic) {
  ClientSettings settings = client;
  settings["isolation.level"] = "read_uncommitted";
  const Handle asker = make_client(RD_KAFKA_CONSUMER, settings);
  std::vector<Offsets> all(leaders(asker.get(), topic).size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const int partition = static_cast<int>(i);
    all[i].begin = ask_offset(asker.get(), topic, partition, RD_KAFKA_OFFSET_BEGINNING);
    all[i].end = ask_offset(asker.get(), topic, partition, RD_KAFKA_OFFSET_END);
  }
  return all;
}

int leader_of(const ClientSettings& client, const std::string& topic, int partition) {
  const Handle asker = make_client(RD_KAFKA_PRODUCER, client);
  return leaders(asker.get(), topic).at(partition);
}

void wait_for_replicas(const ClientSettings& client) {
  const Handle asker = make_client(RD_KAFKA_PRODUCER, client);
  const auto until = Clock::now() + std::chrono::milliseconds{kLimitMs};
  while (true) {
    const rd_kafka_metadata_t* metadata = nullptr;
    check(rd_kafka_metadata(asker.get(), 1, nullptr, &metadata, kLimitMs), "metadata");
    const MetadataPtr owned{metadata};
    if (are_in_sync(*metadata)) return;
    if (Clock::now() > until) throw std::runtime_error{"a replica does not catch up"};
    rd_kafka_poll(asker.get(), 50);
  }
}

std::optional<std::pair<std::int64_t, std::string>> committed_by(const ClientSettings& client,
                                                                 const std::string& group,
                                                                 const std::string& topic,
                                                                 int partition) {
  ClientSettings settings = client;
  settings["group.id"] = group;
  const Handle asker = make_client(RD_KAFKA_CONSUMER, settings);
  const Partitions list = list_of(topic, partition, RD_KAFKA_OFFSET_INVALID);
  check(rd_kafka_committed(asker.get(), list.get(), kLimitMs), "offsets of group " + group);
  const rd_kafka_topic_partition_t& found = list->elems[0];
  check(found.err, "offset of group " + group);
  if (found.offset < 0) return std::nullopt;
  return std::pair{found.offset,
                   std::string{static_cast<const char*>(found.metadata), found.metadata_size}};
}

}  // namespace kafka_test
