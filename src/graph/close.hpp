// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "weir/detail/graph/node.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The graph with a name for every node. Throws ConfigError with everything that is wrong with it.
WEIR_API Graph close(const Graph& graph);

/// Gives a name to every node that has none: "<anchor>.<operation>", where the anchor is the
/// nearest node above, along first inputs, that has a given name or is a source. Side outputs that
/// are crossed stand in between: "clicks.late.map". Of several with one name, all but the first
/// are numbered in the order they were built: "clicks.map-2".
///
/// So a stateful node keeps its name when unnamed stateless ones come and go before it.
WEIR_API void derive_names(Graph& graph);

/// Everything that is wrong with a graph whose nodes have names; empty: nothing.
WEIR_API std::vector<std::string> find_faults(const Graph& graph);

}  // namespace weir::inline v0::detail
