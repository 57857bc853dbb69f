// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "scenarios/families.hpp"
#include "scenarios/windows.hpp"
#include "weir/merging_windows.hpp"
#include "weir/windows.hpp"

namespace scenarios {
namespace {

using Assign = std::function<std::vector<weir::Window>(weir::EventTime)>;

Assign assigner_of(const Json& parameters, const std::string& kind) {
  if (kind == "global") {
    return [](weir::EventTime) { return std::vector{weir::GlobalWindow::window()}; };
  }
  if (kind == "session") {
    const weir::Duration gap = duration_of(parameters, "gap_ms");
    return [gap](weir::EventTime time) { return std::vector{weir::session_of(time, gap)}; };
  }
  const weir::TimeWindows windows = time_windows(parameters);
  // The windows of Kafka Streams begin at the epoch.
  const bool has_no_past = kind == "time";
  return [windows, has_no_past](weir::EventTime time) {
    std::vector<weir::Window> found = windows.windows_of(time);
    if (has_no_past) std::erase_if(found, starts_before_epoch);
    return found;
  };
}

Json windows_json(const std::vector<weir::Window>& windows) {
  Json list = Json::array();
  for (const weir::Window& window : windows) list.push_back(window_json(window));
  return list;
}

std::vector<weir::Window> windows_in(const Json& list) {
  std::vector<weir::Window> windows;
  for (const Json& bounds : list) windows.push_back(window_of(bounds));
  return windows;
}

Json merges_json(const std::vector<weir::MergedGroup>& groups) {
  Json list = Json::array();
  for (const weir::MergedGroup& group : groups) {
    list.push_back({{"into", window_json(group.into)}, {"from", windows_json(group.from)}});
  }
  return list;
}

/// What an `add` of the merging set adds: a window, or the time of a record.
weir::Window added_window(const Json& event, const Json& parameters) {
  const Json& added = event.contains("add") ? event["add"] : event.at("t");
  if (added.is_array()) return window_of(added);
  return weir::session_of(time_of({{"t", added}}, "t"), duration_of(parameters, "gap_ms"));
}

}  // namespace

Report play_window_assigner(const Scenario& scenario) {
  Report report;
  const std::string kind = text_or(scenario.parameters, "kind", "tumbling");
  const bool is_merge = kind == "session_merge";
  const Assign assign = is_merge ? Assign{} : assigner_of(scenario.parameters, kind);
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"t", "key", "value", "windows"});
    if (is_merge) {
      report.add(i,
                 {{"merges", merges_json(weir::merge_touching(windows_in(event.at("windows"))))}});
    } else {
      report.add(i, {{"windows", windows_json(assign(time_of(event, "t")))}});
    }
  }
  return report;
}

Report play_merging_window_set(const Scenario& scenario) {
  Report report;
  weir::MergingWindows set;
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"add", "t"});
    const weir::MergeResult result = set.add(added_window(event, scenario.parameters));
    report.add(i, {{"window", window_json(result.window)},
                   {"merged", result.is_merged()},
                   {"absorbed", windows_json(result.absorbed)}});
  }
  return report;
}

}  // namespace scenarios
