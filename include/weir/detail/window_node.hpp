// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "weir/detail/graph/node.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The rules as they apply to windows of one kind of time.
WEIR_API WindowRules settle(const WindowRules& rules, bool is_by_processing_time, Duration rejoin);

/// What windows, rules and their faults mean for a node.
WEIR_API void describe_windows(Node& node, const std::string& windows, const WindowRules& rules,
                               std::vector<std::string> faults);

}  // namespace weir::inline v0::detail
