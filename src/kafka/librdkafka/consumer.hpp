// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kafka/librdkafka/handles.hpp"
#include "kafka/librdkafka/reader.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::kafka::librdkafka {

/// A generation of a group, as librdkafka passes it around.
class Generation final : public GroupMetadata {
 public:
  explicit Generation(GroupMetadataPtr group) : group_{std::move(group)} {}
  const rd_kafka_consumer_group_metadata_s& get() const { return *group_; }

 private:
  GroupMetadataPtr group_;
};

/// A client that knows its group and has not joined it: for questions.
ClientPtr make_observer(const ConsumerSettings& settings);

/// A member of a group.
///
/// Each assigned partition has a queue of its own, not forwarded to the member's: workers read it
/// themselves, and one that is held back is not read. The member's own queue brings rebalances,
/// errors and statistics, and never a record.
class GroupConsumer final : public Consumer {
 public:
  explicit GroupConsumer(ConsumerSettings settings);
  ~GroupConsumer() override;
  GroupConsumer(const GroupConsumer&) = delete;
  GroupConsumer& operator=(const GroupConsumer&) = delete;

  void subscribe(const std::vector<std::string>& topics) override;
  void poll(Duration timeout) override;
  void assign(const std::map<TopicPartition, std::int64_t>& offsets) override;
  std::unique_ptr<PartitionReader> reader(const TopicPartition& partition,
                                          std::function<void()> wake) override;
  CommittedOffsets committed(const std::vector<TopicPartition>& partitions,
                             Duration timeout) override;
  void commit(const CommittedOffsets& offsets, Duration timeout) override;
  std::shared_ptr<GroupMetadata> group_metadata() const override;
  bool is_assignment_lost() const override;
  std::vector<TopicPartition> partitions(const std::vector<std::string>& topics,
                                         Duration timeout) override;
  std::pair<std::int64_t, std::int64_t> offset_range(const TopicPartition& partition,
                                                     Duration timeout) override;
  std::optional<std::int64_t> offset_at(const TopicPartition& partition, EventTime time,
                                        Duration timeout) override;
  void close() override;

  // Called back by librdkafka, within poll() and close().

  void on_rebalance(int code, rd_kafka_topic_partition_list_s* partitions) noexcept;
  void on_error(int code, const char* text) noexcept;
  void on_statistics(std::string json) noexcept;

 private:
  /// Runs it; what it throws is thrown by poll(), because it must not pass through C.
  template <class Call>
  void guard(Call call) noexcept;
  void rethrow();
  void report_left_errors();
  void serve(int timeout);
  void assign_all(const std::map<TopicPartition, std::int64_t>& offsets);

  const ConsumerSettings settings_;
  ReaderContext context_;
  std::exception_ptr thrown_;
  // librdkafka has revoked and waits for assign({}).
  std::atomic<bool> is_revoking_ = false;
  bool is_closed_ = false;

  std::mutex mutex_;  // Guards places_: readers are made by workers.
  std::map<TopicPartition, Place> places_;
};

}  // namespace weir::inline v0::kafka::librdkafka
