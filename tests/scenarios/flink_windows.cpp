// SPDX-License-Identifier: Apache-2.0
// Windows by watermarks or processing time, as in Flink: weir's own rules.
#include <algorithm>

#include "scenarios/families.hpp"
#include "scenarios/window_events.hpp"
#include "weir/testing/feed.hpp"

namespace scenarios {
namespace {

using Windows = std::variant<weir::TimeWindows, weir::Sessions, weir::GlobalWindow>;

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

/// "processing_tumbling" and "tumbling_processing_time" are tumbling, too.
Windows windows_of(const Json& assigner) {
  const std::string kind = text_or(assigner, "kind", "");
  const bool is_by_clock = kind.find("processing") != std::string::npos;
  const auto is_kind = [&](const char* name) { return kind.find(name) != std::string::npos; };
  if (is_kind("sliding") || is_kind("hopping") || is_kind("tumbling")) {
    if (is_by_clock && !is_kind("tumbling")) {
      throw Unsupported{"sliding windows by processing time come with the full operator set"};
    }
    const weir::TimeWindows windows = time_windows(assigner);
    return is_by_clock ? windows.by_processing_time() : windows;
  }
  if (is_kind("session")) {
    const weir::Sessions windows = weir::sessions({.gap = duration_of(assigner, "gap_ms")});
    return is_by_clock ? windows.by_processing_time() : windows;
  }
  if (kind == "global") return weir::global_window();
  throw Unsupported{"weir does not have the windows '" + kind + "'"};
}

bool is_by_processing_time(const Windows& windows) {
  return std::visit(
      [](const auto& kind) {
        if constexpr (requires { kind.is_by_processing_time(); }) {
          return kind.is_by_processing_time();
        } else {
          return false;
        }
      },
      windows);
}

std::uint64_t trigger_count(const Json& trigger) {
  for (const char* field : {"n", "count", "max_count"}) {
    if (!has(trigger, field)) continue;
    const std::int64_t count = integer(trigger, field);
    if (count < 1) throw BadScenario{"the trigger counts to " + std::to_string(count)};
    return static_cast<std::uint64_t>(count);
  }
  throw BadScenario{"the count trigger has no n"};
}

/// Nothing for the trigger that the windows have anyway.
std::optional<weir::Trigger> trigger_of(const Json& parameters, const Windows& windows) {
  const Json trigger = parameters.value("trigger", Json::object());
  const std::string kind = trigger.is_object() ? text_or(trigger, "kind", "") : plain_text(trigger);
  if (starts_with(kind, "continuous")) {
    throw Unsupported{"continuous triggers come with the full operator set"};
  }
  if (kind.empty() || kind == "default") return std::nullopt;
  if (kind == "count") return weir::at_count(trigger_count(trigger));
  if (kind == "event_time") return weir::at_window_end();
  if (kind == "processing_time") {
    if (is_by_processing_time(windows)) return std::nullopt;
    return weir::at_processing_time();
  }
  throw Unsupported{"weir does not have the trigger '" + kind + "'"};
}

WindowPlan plan_of(const Json& parameters) {
  if (has(parameters, "evictor")) {
    throw Unsupported{"evictors come with the full operator set"};
  }
  Windows windows = windows_of(parameters.at("assigner"));
  const std::optional<weir::Trigger> trigger = trigger_of(parameters, windows);
  WindowPlan plan{std::move(windows), Aggregate{parameters.value("aggregate", Json("sum"))}};
  plan.lateness = duration_or(parameters, "allowed_lateness_ms", 0);
  plan.trigger = trigger;
  plan.is_discarding = flag_or(parameters, "purging", false);
  if (plan.trigger && plan.is_discarding) plan.trigger = plan.trigger->purging();
  plan.has_late_output = flag_or(parameters, "side_output", false);
  return plan;
}

/// Plays the events of one scenario.
class FlinkWindows final {
 public:
  explicit FlinkWindows(const Scenario& scenario)
      : scenario_{scenario},
        plan_{plan_of(scenario.parameters)},
        stage_{topology(), scenario.match == Match::ordered} {}

  Report play() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) apply(scenario_.events[i], i);
    report_.dropped = stage_.count("streaming_late_dropped_total") +
                      stage_.count("streaming_late_diverted_total");
    if (plan_.has_late_output) report_.side_output = std::move(late_);
    if (!flag_or(scenario_.parameters, "emit_window", true)) report_.ignored = {"window"};
    return std::move(report_);
  }

 private:
  weir::Topology topology() {
    weir::Topology topology{"windows"};
    add_windows(topology.source("records", feed_.source()).key_by(&Item::key), plan_, probes_);
    return topology;
  }

  void apply(const Json& event, std::size_t after) {
    allow_fields(event, {"t", "key", "value", "watermark", "processing_time", "wall", "advance_ms",
                         "restart", "snapshot_restore"});
    if (apply_common(stage_, event)) add(event);
    collect(after);
  }
  void add(const Json& event) {
    if (event.contains("key"))
      feed_.push(item_of(event), weir::EventTime{integer_or(event, "t", 0)});
    if (has(event, "watermark")) feed_.watermark(time_of(event, "watermark"));
    stage_.settle();
  }
  void collect(std::size_t after) {
    for (const auto& [row, time] : probes_.rows.take_records()) {
      report_.add(after, {{"key", key_json(row.key)},
                          {"window", window_json({row.start, row.end})},
                          {"value", Json::parse(row.now.value_or("null"))},
                          {"t", time.ms()}});
    }
    for (const LateItem& late : probes_.late.take()) late_.push_back(late_json(late));
  }

  const Scenario& scenario_;
  const WindowPlan plan_;
  WindowProbes probes_;
  weir::testing::Feed<Item> feed_{{.has_watermarks = true}};
  Stage stage_;
  std::vector<Json> late_;
  Report report_;
};

}  // namespace

Report play_flink_window(const Scenario& scenario) { return FlinkWindows{scenario}.play(); }

}  // namespace scenarios
