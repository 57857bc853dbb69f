// SPDX-License-Identifier: Apache-2.0
// Windows by stream time and grace, as in Kafka Streams: bounded disorder of `grace`, a watermark
// after every record.
#include <algorithm>
#include <stdexcept>

#include "scenarios/families.hpp"
#include "scenarios/window_events.hpp"
#include "weir/testing/feed.hpp"

namespace scenarios {
namespace {

using weir::Duration;
using weir::EventTime;

/// Ten years in milliseconds: longer than any scenario.
constexpr std::int64_t kLongAgo = 315'360'000'000;

/// Results that are held back until the machine's clock has gone on by an interval since the last
/// time that a record let results out: how Kafka Streams limits its output.
class EmitInterval final {
 public:
  explicit EmitInterval(Duration interval) : interval_{interval} {}

  /// A record came. Returns whether it lets results out.
  bool opens(EventTime now) {
    if (now < next_) return false;
    next_ = now + interval_;
    return true;
  }

 private:
  Duration interval_;
  EventTime next_ = EventTime::min();
};

weir::EventTimeOptions<Item> stream_time(Duration grace) {
  weir::EventTimeOptions<Item> options;
  options.max_disorder = grace;
  options.idle_after = std::nullopt;
  options.per_record = true;
  return options;
}

/// A record without a key is a bad one: it is skipped, and moves no time.
EventTime time_of_keyed(const Item& item) {
  if (item.key == "null") throw std::invalid_argument{"the record has no key"};
  return EventTime{item.t};
}

bool is_on_update(const Json& parameters) {
  const std::string emit = text_or(parameters, "emit", "on_update");
  if (emit != "on_update" && emit != "on_close") throw BadScenario{"emit is '" + emit + "'"};
  return emit == "on_update";
}

/// Plays the events of one scenario.
class KafkaWindows final {
 public:
  KafkaWindows(const Scenario& scenario, WindowPlan plan, Duration max_disorder)
      : scenario_{scenario},
        plan_{std::move(plan)},
        interval_{duration_or(scenario.parameters, "emit_interval_ms", 0)},
        has_tombstones_{flag_or(scenario.parameters, "merge_tombstones", true)},
        stage_{topology(max_disorder), scenario.match == Match::ordered} {}

  Report play() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) apply(scenario_.events[i], i);
    report_.dropped = dropped();
    report_.side_output = std::move(late_);
    report_.ignored = {"t"};
    return std::move(report_);
  }

 private:
  bool is_session() const { return std::holds_alternative<weir::Sessions>(plan_.windows); }

  weir::Topology topology(Duration max_disorder) {
    weir::Topology topology{"windows"};
    const Items items = topology.source("records", feed_.source())
                            .event_time(time_of_keyed, stream_time(max_disorder))
                            .on_error(weir::OnError::skip())
                            .key_by(&Item::key);
    add_windows(items, plan_, probes_);
    return topology;
  }

  void apply(const Json& event, std::size_t after) {
    allow_fields(event, {"t", "key", "value", "wall", "processing_time", "advance_ms", "restart",
                         "snapshot_restore", "input"});
    if (apply_common(stage_, event)) add(event);
    collect(after);
  }
  void add(const Json& event) {
    if (!event.contains("t")) throw BadScenario{"the record " + event.dump() + " has no t"};
    const EventTime watermark = stage_.watermark();
    feed_.push(item_of(event));
    stage_.settle();
    const std::vector<LateItem> late = probes_.late.take();
    for (const LateItem& item : late) late_.push_back(late_json(item));
    count_drops(late, time_of(event, "t"), watermark);
    is_open_ = plan_.is_on_update || interval_.opens(stage_.now());
  }

  /// Kafka Streams counts a drop for each window, and has none that start before the epoch.
  void count_drops(const std::vector<LateItem>& late, EventTime time, EventTime watermark) {
    if (is_session()) {
      drops_ += static_cast<std::int64_t>(late.size());
      return;
    }
    for (const weir::Window& window : std::get<weir::TimeWindows>(plan_.windows).windows_of(time)) {
      const bool is_early = starts_before_epoch(window);
      if (!late.empty() && !is_early) ++drops_;
      if (late.empty() && is_early && window.result_time() <= watermark) --drops_;
    }
  }
  std::int64_t dropped() const {
    return drops_ + stage_.count("streaming_late_window_misses_total") +
           stage_.count("streaming_failed_events_total");
  }

  void collect(std::size_t after) {
    for (const Row& row : probes_.rows.take()) {
      if (is_session() || !starts_before_epoch({row.start, row.end})) add_row(row);
    }
    if (!is_open_) return;
    for (Json& fields : held_) report_.add(after, std::move(fields));
    held_.clear();
  }
  void add_row(const Row& row) {
    Json fields{{"key", key_json(row.key)}, {"window", bounds(row)}, {"value", nullptr}};
    if (is_session() && has_tombstones_ && vanishes_first(row)) held_.push_back(fields);
    if (!row.now) return;
    fields["value"] = Json::parse(*row.now);
    held_.push_back(std::move(fields));
  }
  /// Sessions by their first and last record.
  Json bounds(const Row& row) const {
    if (!is_session()) return window_json({row.start, row.end});
    return window_json({row.start, row.end - std::get<weir::Sessions>(plan_.windows).gap()});
  }
  /// Kafka Streams replaces a session by a delete and a new one, also where its bounds stay; but
  /// not when all its records have one time.
  bool vanishes_first(const Row& row) const {
    const Json window = bounds(row);
    return row.old && (!row.now || window[0] != window[1]);
  }

  const Scenario& scenario_;
  const WindowPlan plan_;
  EmitInterval interval_;
  const bool has_tombstones_;
  WindowProbes probes_;
  weir::testing::Feed<Item> feed_;
  Stage stage_;
  bool is_open_ = true;
  std::vector<Json> held_;  // Results that have not been let out.
  std::vector<Json> late_;
  std::int64_t drops_ = 0;
  Report report_;
};

Report play_windows(const Scenario& scenario,
                    std::variant<weir::TimeWindows, weir::Sessions, weir::GlobalWindow> windows,
                    Duration max_disorder) {
  WindowPlan plan{std::move(windows), Aggregate{scenario.parameters.value("aggregate", Json{})}};
  plan.is_on_update = is_on_update(scenario.parameters);
  plan.has_late_output = true;
  return KafkaWindows{scenario, std::move(plan), max_disorder}.play();
}

}  // namespace

Report play_time_window_aggregate(const Scenario& scenario) {
  return play_windows(scenario, time_windows(scenario.parameters),
                      duration_or(scenario.parameters, "grace_ms", 0));
}

Report play_session_window_aggregate(const Scenario& scenario) {
  const Duration gap = duration_of(scenario.parameters, "gap_ms");
  const Duration grace = duration_or(scenario.parameters, "grace_ms", 0);
  // Closed sessions stay in the store there, and records join them.
  const Duration retention = duration_or(scenario.parameters, "store_retention_ms", kLongAgo);
  const Duration rejoin = std::max(retention - gap - grace, Duration{0});
  const weir::Sessions sessions = weir::sessions({.gap = gap, .rejoin = rejoin});
  for (const std::string& fault : sessions.faults()) throw BadScenario{fault};
  return play_windows(scenario, sessions, grace + Duration{1});
}

}  // namespace scenarios
