// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "graph/plan.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Asks the sources of the stages that are bound to partitions how many there are, and gives those
/// stages as many shards; tells repartition topics which stages write to them. At the start of
/// each attempt. Throws ConfigError when sources that meet in one stage have different numbers,
/// and what sources throw.
WEIR_API void bind_partitions(Plan& plan, const Graph& graph);

/// The sources whose splits the shards of a bound stage are: node indices, in the order of edges.
std::vector<std::size_t> sources_above(const Plan& plan, StageId stage);

/// Whether other processes may read a part of the job's splits: then no record here belongs to a
/// key there. Every keyed stage is bound to partitions, and one authority looks after all sources.
WEIR_API bool may_share(const Plan& plan, const Graph& graph);

}  // namespace weir::inline v0::detail
