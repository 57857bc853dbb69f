// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "weir/kafka_client.hpp"

namespace weir::crash {

/// The steps of the protocol that a client sees. Each is passed twice: "before STEP", "after STEP".
inline constexpr const char* kRecoverySteps[] = {"init_transactions", "committed", "assign"};
inline constexpr const char* kCommitSteps[] = {"begin", "produce", "flush", "send_offsets",
                                               "commit_transaction"};

/// Is called at each step, by the thread that takes it; may stop there for ever, or throw.
using AtStep = std::function<void(const std::string& step)>;

/// A client that does what `client` does, and says where it is.
std::shared_ptr<kafka::KafkaClient> watched_client(std::shared_ptr<kafka::KafkaClient> client,
                                                   AtStep at_step);

/// Throws an injected KafkaError at one of `one_in` steps: of a client that failed, once of
/// one that was fenced, and, before a step, of a broker that has not answered yet. Thread-safe.
AtStep injected_errors(std::uint64_t seed, std::uint64_t one_in);

}  // namespace weir::crash
