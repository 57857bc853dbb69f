// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scenarios/families.hpp"
#include "weir/punctuation.hpp"
#include "weir/watermarks.hpp"

namespace scenarios {
namespace {

using Merge = weir::PartitionMerge<Json>;

/// Times, or records with a time each.
void add_records(Merge& merge, const Json& event) {
  const auto partition = event.at("partition").get<std::uint64_t>();
  const Json& added = event.at("add");
  for (const Json& record : added.is_array() ? added : Json::array({added})) {
    if (record.is_object()) {
      merge.add(partition, time_of(record, "t"), record.value("value", Json{}));
    } else {
      merge.add(partition, time_of({{"t", record}}, "t"), Json{});
    }
  }
}

/// Takes records, and follows how far time has come.
class Taker final {
 public:
  explicit Taker(Report& report) : report_{report} {}

  void take(Merge& merge, std::int64_t count, std::size_t after) {
    for (; count > 0; --count) {
      const auto taken = merge.take();
      if (!taken) return;
      stream_time_ = std::max(stream_time_, taken->time);
      report_.add(after, {{"partition", taken->partition},
                          {"t", taken->time.ms()},
                          {"value", taken->value},
                          {"stream_time", stream_time_.ms()},
                          {"lateness", (stream_time_ - taken->time).count()}});
    }
  }

 private:
  Report& report_;
  weir::EventTime stream_time_ = weir::EventTime::min();
};

/// A number, or true for everything.
std::int64_t take_count(const Json& event) {
  const Json& take = event.at("take");
  return take == true || take == "all" ? INT64_MAX : integer(event, "take");
}

}  // namespace

Report play_idleness_timer(const Scenario& scenario) {
  Report report;
  weir::IdlenessTimer timer{duration_of(scenario.parameters, "timeout_ms")};
  weir::EventTime now;
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"advance_ms", "processing_time", "activity", "check"});
    if (has(event, "processing_time")) now = time_of(event, "processing_time");
    now = now + duration_or(event, "advance_ms", 0);
    if (has(event, "activity")) timer.activity();
    if (has(event, "check")) report.add(i, {{"idle", timer.check(now)}});
  }
  return report;
}

Report play_partition_merge(const Scenario& scenario) {
  Report report;
  Merge merge;
  Taker taker{report};
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"partition", "add", "take"});
    if (event.contains("add")) add_records(merge, event);
    if (has(event, "take")) taker.take(merge, take_count(event), i);
  }
  return report;
}

Report play_punctuator(const Scenario& scenario) {
  Report report;
  const weir::PunctuationOptions options{
      duration_of(scenario.parameters, "interval_ms"),
      weir::EventTime{integer_or(scenario.parameters, "first_ms", 0)}};
  if (options.interval <= weir::Duration{0}) throw BadScenario{"interval_ms is not positive"};
  weir::Punctuation punctuation{options};
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"t", "wall", "processing_time", "watermark", "snapshot_restore"});
    if (has(event, "snapshot_restore")) {
      const weir::EventTime next = punctuation.next();
      punctuation = weir::Punctuation{options};
      punctuation.restore(next);
    }
    for (const char* field : {"t", "wall", "processing_time", "watermark"}) {
      if (!has(event, field)) continue;
      if (const auto fired = punctuation.reach(time_of(event, field))) {
        report.add(i, {{"fire", fired->ms()}, {"t", fired->ms()}});
      }
    }
  }
  return report;
}

}  // namespace scenarios
