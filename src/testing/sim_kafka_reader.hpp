// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "testing/sim_broker.hpp"

namespace weir::inline v0::testing {

/// What of a consumer is still there: a real one waits for it when it goes.
struct InUse {
  std::atomic<std::uint64_t> readers{0};
  std::atomic<std::uint64_t> batches{0};
};

/// One past the last offset that a read_committed reader sees.
std::int64_t sim_end_offset(SimBroker& broker, const kafka::TopicPartition& partition);
std::optional<std::int64_t> sim_offset_at(SimBroker& broker, const kafka::TopicPartition& partition,
                                          EventTime time);

/// `start`: the partition and the offset to begin at.
std::unique_ptr<kafka::PartitionReader> make_sim_reader(
    std::shared_ptr<SimBroker> broker, const ProcessLife& life,
    std::pair<kafka::TopicPartition, std::int64_t> start, std::function<void()> wake,
    std::shared_ptr<InUse> in_use);

}  // namespace weir::inline v0::testing
