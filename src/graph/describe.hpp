// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "weir/detail/graph/node.hpp"

namespace weir::inline v0::detail {

/// A graph whose nodes have names: a line per node, in the order they were built.
std::string describe_as_text(const Graph& graph);

/// The same as a flowchart. An exchange between shards is a thick arrow.
std::string describe_as_mermaid(const Graph& graph);

}  // namespace weir::inline v0::detail
