// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "weir/detail/kafka/session.hpp"

namespace weir::inline v0::detail {

/// Where a partition is read, and to where.
struct PartitionPlace {
  std::int64_t next = 0;
  std::optional<std::int64_t> end;  ///< One past the last offset that counts; empty: unbounded.

  friend bool operator==(const PartitionPlace&, const PartitionPlace&) = default;
};

/// "1234", and with a bound "1234 until 2000".
Position position_of(const PartitionPlace& place);
/// The offset alone, whatever else a source keeps behind it. Throws: CorruptState.
std::int64_t offset_of(const Position& position);
/// Throws: CorruptState.
PartitionPlace place_of(const Position& position);
/// "clicks/3", and back. Throws: CorruptState.
SplitId split_of(const kafka::TopicPartition& partition);
kafka::TopicPartition partition_of(const SplitId& split);

/// Reads one partition up to its bound. It gets its reader when all partitions have a place.
class PartitionReading final : public PartitionInput {
 public:
  PartitionReading(kafka::TopicPartition partition, PartitionPlace place,
                   std::function<void()> before_poll)
      : partition_{std::move(partition)}, place_{place}, before_poll_{std::move(before_poll)} {}

  void start(std::unique_ptr<kafka::PartitionReader> reader) { reader_ = std::move(reader); }
  const PartitionPlace& place() const noexcept { return place_; }

  PartitionPoll poll(std::size_t record_count_max) override;
  Position position() const override { return position_of(place_); }
  std::uint64_t offset() const override { return static_cast<std::uint64_t>(place_.next); }
  std::optional<std::uint64_t> lag() const override;
  const kafka::TopicPartition& partition() const override { return partition_; }

 private:
  bool has_ended() const noexcept { return place_.end && place_.next >= *place_.end; }

  const kafka::TopicPartition partition_;
  PartitionPlace place_;
  const std::function<void()> before_poll_;
  std::unique_ptr<kafka::PartitionReader> reader_;
};

}  // namespace weir::inline v0::detail
