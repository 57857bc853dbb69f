// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weir/clock.hpp"
#include "weir/detail/kafka/encoded_records.hpp"
#include "weir/kafka/options.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::detail {

/// A topic that is written to.
struct OutputTopic {
  std::string name;
  std::atomic<std::int32_t> partitions{0};  ///< 0: not known yet.
};

/// Encoded records of one task in order, as far as they are not sent. One thread at a time.
class SendQueue final {
 public:
  /// `choose`: from a key to a partition. All outlive the queue.
  SendQueue(const kafka::ChooseKeyPartition& choose, const Clock& clock)
      : choose_{&choose}, clock_{&clock} {}

  /// New records go here, behind the others.
  EncodedRecords& records() noexcept { return records_; }
  bool is_empty() const noexcept { return next_ == records_.size(); }
  std::size_t byte_count() const noexcept { return records_.byte_count(); }
  /// The number by which entries know the topic.
  std::uint32_t topic(OutputTopic& topic);
  /// The first topic in the way that is not known yet; null: none.
  OutputTopic* unknown_topic() const;

  /// Sends records until the producer takes no more, or a topic is not known. Throws KafkaError.
  /// Returns whether the queue is empty.
  bool send(kafka::Producer& producer);

  /// Set when another thread has sent everything.
  std::atomic<bool> is_done{false};

 private:
  std::size_t fill_batch(const OutputTopic& topic, std::int32_t partitions);
  std::int32_t partition_of(const EncodedRecords::Entry& entry, const OutputTopic& topic,
                            std::int32_t partitions) const;
  EventTime time_of(EventTime wanted) const;

  const kafka::ChooseKeyPartition* choose_;
  const Clock* clock_;
  EncodedRecords records_;
  std::size_t next_ = 0;  // The first entry that is not sent.
  std::vector<OutputTopic*> topics_;
  std::uint32_t turn_ = 0;  // Of records without a key.
  EventTime now_;
  std::vector<kafka::RecordToWrite> batch_;
};

}  // namespace weir::inline v0::detail
