// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/window_node.hpp"

#include <utility>

namespace weir::inline v0::detail {

WindowRules settle(const WindowRules& rules, bool is_by_processing_time, Duration rejoin) {
  WindowRules settled = rules;
  settled.is_by_processing_time = is_by_processing_time;
  settled.rejoin = rejoin;
  // By processing time, the end of the window is a time of that clock anyway.
  if (is_by_processing_time && rules.trigger.kind() == Trigger::Kind::processing_time) {
    settled.trigger = rules.trigger.is_purging() ? at_window_end().purging() : at_window_end();
  }
  return settled;
}

void describe_windows(Node& node, const std::string& windows, const WindowRules& rules,
                      std::vector<std::string> faults) {
  node.parameters = windows + rules.describe();
  node.needs_event_time = !rules.is_by_processing_time;
  for (std::string& fault : rules.faults()) faults.push_back(std::move(fault));
  for (const std::string& fault : faults) node.faults.push_back(node.operation + ": " + fault);
}

}  // namespace weir::inline v0::detail
