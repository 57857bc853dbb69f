// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/attempt.hpp"
#include "weir/export.hpp"
#include "weir/job.hpp"
#include "weir/metrics.hpp"

namespace weir::inline v0::detail {

/// Everything that is counted in an attempt, read without stopping anything. Any thread, while
/// the attempt exists.
WEIR_API Metrics metrics_of(const Attempt& attempt, const Graph& graph);

/// Records read, and the lowest watermark of all shards (of all splits, where there are none).
WEIR_API JobProgress progress_of(const Attempt& attempt);

}  // namespace weir::inline v0::detail
