// SPDX-License-Identifier: Apache-2.0
#include "scenarios/families.hpp"
#include "weir/watermarks.hpp"

namespace scenarios {
namespace {

/// Status and watermark in the order in which they are passed on: becoming active, the watermark,
/// becoming idle.
void add_update(Report& report, std::size_t after, const weir::TimeUpdate& update) {
  const auto add_status = [&](bool is_idle) {
    report.add(after, {{"status", is_idle ? "IDLE" : "ACTIVE"}, {"idle", is_idle}});
  };
  if (update.is_idle && !*update.is_idle) add_status(false);
  if (update.watermark) report.add(after, {{"watermark", update.watermark->ms()}});
  if (update.is_idle && *update.is_idle) add_status(true);
}

bool is_idle_status(const Json& event) {
  const std::string status = text_or(event, "status", "");
  if (status != "IDLE" && status != "ACTIVE") throw BadScenario{"status is '" + status + "'"};
  return status == "IDLE";
}

std::size_t channel_of(const Json& event, const weir::WatermarkValve& valve) {
  const std::int64_t channel = integer(event, "channel");
  if (channel < 0 || static_cast<std::size_t>(channel) >= valve.input_count()) {
    throw BadScenario{"there is no channel " + std::to_string(channel)};
  }
  return static_cast<std::size_t>(channel);
}

/// The valve as it is after a snapshot.
void restore(weir::WatermarkValve& valve) {
  weir::ByteWriter out;
  valve.save(out);
  const std::string bytes = out.take();
  weir::ByteReader in{bytes};
  weir::WatermarkValve restored;
  restored.load(in);
  valve = restored;
}

weir::TimeUpdate apply(weir::WatermarkValve& valve, const Json& event) {
  allow_fields(event, {"channel", "watermark", "status", "idle", "snapshot_restore"});
  if (has(event, "snapshot_restore")) {
    restore(valve);
    return {};
  }
  const std::size_t channel = channel_of(event, valve);
  if (event.contains("watermark")) return valve.on_watermark(channel, time_of(event, "watermark"));
  if (event.contains("idle")) return valve.on_idle(channel, flag_or(event, "idle", true));
  return valve.on_idle(channel, is_idle_status(event));
}

std::vector<std::uint64_t> outputs_of(const Json& list) {
  std::vector<std::uint64_t> outputs;
  for (const Json& output : list.is_array() ? list : Json::array({list})) {
    outputs.push_back(output.get<std::uint64_t>());
  }
  return outputs;
}

void add_outputs(weir::WatermarkMultiplexer& multiplexer, const Json& list, std::size_t after,
                 Report& report) {
  for (const std::uint64_t output : outputs_of(list)) {
    add_update(report, after, multiplexer.add(output));
  }
}

void remove_outputs(weir::WatermarkMultiplexer& multiplexer, const Json& list, std::size_t after,
                    Report& report) {
  for (const std::uint64_t output : outputs_of(list)) {
    add_update(report, after, multiplexer.remove(output));
  }
}

void apply(weir::WatermarkMultiplexer& multiplexer, const Json& event, std::size_t after,
           Report& report) {
  allow_fields(event, {"register", "unregister", "output", "watermark", "idle"});
  if (event.contains("register")) add_outputs(multiplexer, event["register"], after, report);
  if (event.contains("unregister")) {
    remove_outputs(multiplexer, event["unregister"], after, report);
  }
  if (!event.contains("output")) return;
  const auto output = event["output"].get<std::uint64_t>();
  if (has(event, "watermark")) {
    add_update(report, after, multiplexer.on_watermark(output, time_of(event, "watermark")));
  }
  if (has(event, "idle")) add_update(report, after, multiplexer.on_idle(output));
}

bool names_idleness(const std::vector<Json>& expected) {
  for (const Json& fields : expected) {
    if (fields.contains("idle") || fields.contains("status")) return true;
  }
  return false;
}

weir::BoundedDisorder generator_of(const Json& parameters) {
  const std::string kind = text_or(parameters, "kind", "bounded_out_of_orderness");
  if (kind == "ascending" || kind == "monotonic" || kind == "monotonous") {
    return weir::BoundedDisorder{weir::Duration{0}};
  }
  if (kind == "bounded_out_of_orderness" || kind == "bounded_disorder" || kind == "bounded") {
    return weir::BoundedDisorder{duration_of(parameters, "bound_ms")};
  }
  throw Unsupported{"weir does not have the watermark generator '" + kind + "'"};
}

}  // namespace

Report play_watermark_valve(const Scenario& scenario) {
  Report report;
  weir::WatermarkValve valve{
      static_cast<std::size_t>(integer_or(scenario.parameters, "channels", 1))};
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    add_update(report, i, apply(valve, scenario.events[i]));
  }
  return report;
}

Report play_watermark_multiplexer(const Scenario& scenario) {
  Report report;
  weir::WatermarkMultiplexer multiplexer;
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    apply(multiplexer, scenario.events[i], i, report);
  }
  // Scenarios that are about watermarks alone leave out when the output turns idle.
  if (!names_idleness(scenario.expected)) {
    std::erase_if(report.results,
                  [](const Outcome& result) { return result.fields.contains("idle"); });
  }
  return report;
}

Report play_watermark_generator(const Scenario& scenario) {
  Report report;
  weir::BoundedDisorder generator = generator_of(scenario.parameters);
  for (std::size_t i = 0; i < scenario.events.size(); ++i) {
    const Json& event = scenario.events[i];
    allow_fields(event, {"t", "key", "value", "probe", "snapshot_restore"});
    if (event.contains("t")) generator.observe(time_of(event, "t"));
    if (has(event, "snapshot_restore")) {
      const weir::EventTime latest = generator.latest();
      generator = generator_of(scenario.parameters);
      generator.restore(latest);
    }
    if (has(event, "probe")) report.add(i, {{"watermark", generator.watermark().ms()}});
  }
  return report;
}

}  // namespace scenarios
