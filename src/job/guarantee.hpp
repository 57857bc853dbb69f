// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "weir/detail/graph/node.hpp"
#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// The nodes that cannot keep the guarantee asked for, each with the reason and a way out; and
/// more than one authority over commits. Empty: nothing.
WEIR_API std::vector<std::string> check_guarantee(const Graph& graph, const JobOptions& options);

/// What sources and sinks find wrong with the options of the job that they are in.
WEIR_API std::vector<std::string> job_faults(const Graph& graph, const JobOptions& options);

}  // namespace weir::inline v0::detail
