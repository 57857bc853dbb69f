// SPDX-License-Identifier: Apache-2.0
#include "kafka/send_queue.hpp"

#include <algorithm>

namespace weir::inline v0::detail {
namespace {

/// Records that go to the producer together at most.
constexpr std::size_t kBatchRecords = 1'024;

}  // namespace

std::uint32_t SendQueue::topic(OutputTopic& topic) {
  const auto found = std::find(topics_.begin(), topics_.end(), &topic);
  if (found == topics_.end()) {
    topics_.push_back(&topic);
    return static_cast<std::uint32_t>(topics_.size() - 1);
  }
  return static_cast<std::uint32_t>(found - topics_.begin());
}

OutputTopic* SendQueue::unknown_topic() const {
  if (is_empty()) return nullptr;
  OutputTopic* topic = topics_[records_.entries()[next_].topic];
  return topic->partitions.load(std::memory_order_acquire) == 0 ? topic : nullptr;
}

std::int32_t SendQueue::partition_of(const EncodedRecords::Entry& entry, const OutputTopic& topic,
                                     std::int32_t partitions) const {
  std::int32_t partition = entry.partition;
  if (partition == EncodedRecords::kAnyPartition) {
    if (!entry.has_key)
      return static_cast<std::int32_t>(turn_ % static_cast<std::uint32_t>(partitions));
    const std::string_view key = *records_.key(entry);
    partition = *choose_ ? (*choose_)(key, partitions) : kafka::java_partition(key, partitions);
  }
  if (partition >= 0 && partition < partitions) return partition;
  throw kafka::KafkaError{kafka::KafkaError::Kind::refused, "UNKNOWN_PARTITION",
                          "a record wants to go to partition " + std::to_string(partition) +
                              " of topic '" + topic.name + "', which has " +
                              std::to_string(partitions)};
}

/// Brokers refuse what lies in the future, and before 1970.
EventTime SendQueue::time_of(EventTime wanted) const {
  return wanted > now_ || wanted.ms() < 1
             ? (wanted > now_ || wanted == EventTime::min() ? now_ : EventTime{1})
             : wanted;
}

/// As many records of one topic as go together. Returns how many those are.
std::size_t SendQueue::fill_batch(const OutputTopic& topic, std::int32_t partitions) {
  batch_.clear();
  const std::vector<EncodedRecords::Entry>& entries = records_.entries();
  const std::uint32_t number = entries[next_].topic;
  for (std::size_t i = next_; i < entries.size() && batch_.size() < kBatchRecords; ++i) {
    const EncodedRecords::Entry& entry = entries[i];
    if (entry.topic != number) break;
    batch_.push_back({records_.key(entry), records_.value(entry),
                      partition_of(entry, topic, partitions), time_of(entry.time),
                      entry.headers.empty() ? nullptr : &entry.headers});
  }
  ++turn_;
  return batch_.size();
}

bool SendQueue::send(kafka::Producer& producer) {
  if (!is_empty()) now_ = clock_->now();
  while (!is_empty()) {
    const OutputTopic& topic = *topics_[records_.entries()[next_].topic];
    const std::int32_t partitions = topic.partitions.load(std::memory_order_acquire);
    if (partitions == 0) return false;
    const std::size_t wanted = fill_batch(topic, partitions);
    const std::size_t taken = producer.produce(topic.name, batch_);
    next_ += taken;
    if (taken < wanted) return false;
  }
  records_.clear();
  next_ = 0;
  return true;
}

}  // namespace weir::inline v0::detail
