// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "weir/detail/graph/node.hpp"
#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// The graph as the options want it: with Exchange::topic, records go through a repartition topic
/// at every key_by that is not keyed_by_partition(). Node X becomes
///
///     ... -> X.to-topic      a sink: bytes, to partition = shard
///     X.from-topic -> X      a source, and a key_by that is bound to its partitions
///
/// and everything below X stays as it is. The names of `graph` are derived. Adds to `faults` what
/// stands against it; the graph is then returned as it was.
WEIR_API Graph through_topics(const Graph& graph, const JobOptions& options,
                              std::vector<std::string>& faults);

/// Whether a graph has been rewritten so.
WEIR_API bool has_topic_exchange(const Graph& graph);

}  // namespace weir::inline v0::detail
