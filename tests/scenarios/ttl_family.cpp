// SPDX-License-Identifier: Apache-2.0
// State with a time to live, used from a process function: put, get and clear are records.
#include <map>
#include <memory>

#include "scenarios/families.hpp"
#include "scenarios/window_events.hpp"
#include "weir/process.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"

namespace scenarios {
namespace {

enum class Operation : std::uint8_t { put, get, clear };

struct Command {
  std::string key;
  Operation operation = Operation::get;
  std::string value;  ///< A JSON text.
};

/// Answers each get with a JSON text.
struct Store final : weir::KeyedProcess<std::string, Command, std::string> {
  explicit Store(weir::Ttl ttl) : held{value<std::string>("held", ttl)} {}

  void on_record(const Command& command) override {
    if (command.operation == Operation::put) held.set(command.value);
    if (command.operation == Operation::clear) held.erase();
    if (command.operation == Operation::get) emit(held.get_or("null"));
  }

  weir::Value<std::string> held;
};

weir::TtlUpdate update_of(const std::string& name) {
  if (name == "OnCreateAndWrite" || name == "on_write") return weir::TtlUpdate::on_write;
  if (name == "OnReadAndWrite" || name == "on_read_and_write") {
    return weir::TtlUpdate::on_read_and_write;
  }
  throw BadScenario{"update_type is '" + name + "'"};
}

weir::TtlVisibility visibility_of(const std::string& name) {
  if (name == "NeverReturnExpired" || name == "never_return_expired") {
    return weir::TtlVisibility::never_return_expired;
  }
  if (name == "ReturnExpiredIfNotCleanedUp" || name == "return_if_not_cleaned") {
    return weir::TtlVisibility::return_if_not_cleaned;
  }
  throw BadScenario{"visibility is '" + name + "'"};
}

weir::TtlClock clock_of(const std::string& name) {
  if (name == "processing_time" || name == "processing") return weir::TtlClock::processing;
  if (name == "event_time" || name == "event" || name == "watermark" || name == "stream_time") {
    return weir::TtlClock::event;
  }
  throw BadScenario{"time is '" + name + "'"};
}

weir::Ttl ttl_of(const Json& parameters) {
  return {duration_of(parameters, "ttl_ms"),
          update_of(text_or(parameters, "update_type", "OnCreateAndWrite")),
          clock_of(text_or(parameters, "time", "processing_time")),
          visibility_of(text_or(parameters, "visibility", "NeverReturnExpired"))};
}

/// The store under the driver.
class Shop final {
 public:
  explicit Shop(const weir::Ttl& ttl) : stage_{topology(ttl), true} {}

  Stage& stage() noexcept { return stage_; }
  void watermark(weir::EventTime time) {
    feed_.watermark(time);
    stage_.settle();
  }
  void run(Command command, weir::EventTime time) {
    feed_.push(std::move(command), time);
    stage_.settle();
  }
  std::vector<weir::Record<std::string>> take() { return answers_.take_records(); }

 private:
  weir::Topology topology(const weir::Ttl& ttl) {
    weir::Topology topology{"ttl"};
    topology.source("commands", feed_.source())
        .key_by(&Command::key)
        .process<Store>(ttl)
        .stream()
        .to("answers", answers_.sink());
    return topology;
  }

  weir::testing::Feed<Command> feed_{{.has_watermarks = true}};
  weir::testing::Probe<std::string> answers_;
  Stage stage_;
};

/// Plays the events of one scenario.
class TtlState final {
 public:
  explicit TtlState(const Scenario& scenario)
      : scenario_{scenario}, ttl_{ttl_of(scenario.parameters)} {
    if (text_or(scenario.parameters, "state", "value") != "value") {
      throw BadScenario{"state is not 'value'"};
    }
    shop_ = std::make_unique<Shop>(ttl_);
  }

  Report play() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
      apply(scenario_.events[i], i);
      for (const auto& [answer, time] : shop_->take()) {
        report_.add(i, {{"value", Json::parse(answer)}, {"t", time.ms()}});
      }
    }
    return std::move(report_);
  }

 private:
  void apply(const Json& event, std::size_t place) {
    allow_fields(event, {"processing_time", "wall", "advance_ms", "watermark", "t", "key", "put",
                         "get", "clear", "snapshot_restore", "restart", "snapshot", "restore"});
    if (has(event, "restore")) restore(event["restore"], place);
    if (has(event, "snapshot")) snapshots_[event["snapshot"]] = place;
    apply_common(shop_->stage(), event);
    if (has(event, "watermark")) shop_->watermark(time_of(event, "watermark"));
    const weir::EventTime time{integer_or(event, "t", 0)};
    const std::string key = event.value("key", Json{}).dump();
    if (event.contains("put")) shop_->run({key, Operation::put, event["put"].dump()}, time);
    if (has(event, "clear")) shop_->run({key, Operation::clear, {}}, time);
    if (has(event, "get")) shop_->run({key, Operation::get, {}}, time);
  }

  /// Starts again, does all up to the snapshot, and goes on from a checkpoint of that. What time
  /// it is does not go back.
  void restore(const Json& name, std::size_t place) {
    const auto found = snapshots_.find(name);
    if (found == snapshots_.end()) throw BadScenario{"there is no snapshot " + name.dump()};
    const weir::EventTime now = shop_->stage().now();
    const std::size_t taken = found->second;
    if (taken >= place) throw BadScenario{"the snapshot comes later than its restore"};
    shop_ = std::make_unique<Shop>(ttl_);
    for (std::size_t i = 0; i < taken; ++i) apply(scenario_.events[i], i);
    shop_->take();
    shop_->stage().checkpoint_and_restart();
    shop_->stage().set_clock(now);
  }

  const Scenario& scenario_;
  const weir::Ttl ttl_;
  std::unique_ptr<Shop> shop_;
  std::map<Json, std::size_t> snapshots_;  // The events that take them.
  Report report_;
};

}  // namespace

Report play_ttl_state(const Scenario& scenario) { return TtlState{scenario}.play(); }

}  // namespace scenarios
