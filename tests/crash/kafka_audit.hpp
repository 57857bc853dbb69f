// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "crash/audit.hpp"
#include "kafka/topics.hpp"

namespace weir::crash {

/// Compares what a reader of committed records sees in the output with the input: each record once,
/// each key's in the order of the input and numbered 1, 2, 3... Throws std::runtime_error if the
/// input itself does not hold the records 0 to `records` - 1 once each.
Audit audit_topics(const kafka_test::ClientSettings& client, std::uint64_t records);

}  // namespace weir::crash
