// SPDX-License-Identifier: Apache-2.0
#include "scenarios/families.hpp"
#include "scenarios/timer_program.hpp"
#include "scenarios/window_events.hpp"
#include "weir/process.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"

namespace scenarios {
namespace {

using weir::EventTime;

/// Does what a program says. Emits JSON texts.
struct Programmed final : weir::KeyedProcess<std::string, Item, std::string> {
  explicit Programmed(TimerProgram text) : program{std::move(text)} {}

  void on_record(const Item& item) override {
    run(remembered.find() == nullptr ? program.first : program.second, item.value);
  }
  void on_timer(const weir::Timer&) override { run(program.due, remembered.get_or("null")); }

  void run(const std::vector<TimerAction>& actions, const std::string& value) {
    for (const TimerAction& action : actions) run(action, value);
  }
  void run(const TimerAction& action, const std::string& value) {
    switch (action.kind) {
      case TimerAction::Kind::emit:
        return emit(text_of(action.words, value));
      case TimerAction::Kind::remember:
        return remembered.set(value);
      case TimerAction::Kind::forget:
        return remembered.erase();
      case TimerAction::Kind::set_timer:
        return set_timer(action);
      case TimerAction::Kind::delete_timer:
        return delete_timer(action);
    }
  }
  void set_timer(const TimerAction& action) {
    const EventTime at = moment(*action.at);
    timer.set({at, action.is_event_time});
    action.is_event_time ? wake_at(at) : wake_at_processing_time(at);
  }
  void delete_timer(const TimerAction& action) {
    const auto set = timer.get();
    if (!action.at && !set) return;
    const EventTime at = action.at ? moment(*action.at) : set->first;
    const bool is_event_time = action.at ? action.is_event_time : set->second;
    is_event_time ? cancel_wake_at(at) : cancel_wake_at_processing_time(at);
  }
  EventTime moment(const Moment& moment) const {
    const weir::Duration distance{moment.distance};
    switch (moment.base) {
      case Moment::Base::watermark:
        return watermark() + distance;
      case Moment::Base::processing_time:
        return now() + distance;
      case Moment::Base::own_time:
        return time() + distance;
      case Moment::Base::zero:
        return EventTime{0} + distance;
    }
    return {};
  }

  /// A word alone stays the value that it stands for; several become a text.
  std::string text_of(const std::vector<std::string>& words, const std::string& value) const {
    if (words.size() == 1) return meaning(words.front(), value).dump();
    std::string text;
    for (const std::string& word : words) {
      text += (text.empty() ? "" : ":") + plain_text(meaning(word, value));
    }
    return Json(text).dump();
  }
  Json meaning(const std::string& word, const std::string& value) const {
    if (word == "key") return Json::parse(key());
    if (word == "value" || word == "state" || word == "it") return Json::parse(value);
    if (word == "watermark") return watermark().ms();
    if (word == "time" || word == "timestamp" || word == "t") return time().ms();
    if (word == "processing time" || word == "now") return now().ms();
    const Json number = Json::parse(word, nullptr, false);
    return number.is_number() ? number : Json(word);
  }

  const TimerProgram program;
  weir::Value<std::string> remembered = value<std::string>("remembered");
  weir::Value<std::pair<EventTime, bool>> timer = value<std::pair<EventTime, bool>>("timer");
};

/// Plays the events of one scenario.
class KeyedTimers final {
 public:
  explicit KeyedTimers(const Scenario& scenario)
      : scenario_{scenario}, stage_{topology(), scenario.match == Match::ordered} {}

  Report play() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
      apply(scenario_.events[i]);
      for (const auto& [result, time] : results_.take_records()) {
        report_.add(i, {{"value", Json::parse(result)}, {"t", time.ms()}});
      }
    }
    return std::move(report_);
  }

 private:
  weir::Topology topology() {
    weir::Topology topology{"timers"};
    topology.source("records", feed_.source())
        .key_by(&Item::key)
        .process<Programmed>(parse_timer_program(text_or(scenario_.parameters, "program", "")))
        .stream()
        .to("results", results_.sink());
    return topology;
  }

  void apply(const Json& event) {
    allow_fields(event, {"t", "key", "value", "watermark", "processing_time", "wall", "advance_ms",
                         "restart", "snapshot_restore"});
    if (!apply_common(stage_, event)) return;
    if (event.contains("key")) feed_.push(item_of(event), EventTime{integer_or(event, "t", 0)});
    if (has(event, "watermark")) feed_.watermark(time_of(event, "watermark"));
    stage_.settle();
  }

  const Scenario& scenario_;
  weir::testing::Feed<Item> feed_{{.has_watermarks = true}};
  weir::testing::Probe<std::string> results_;
  Stage stage_;
  Report report_;
};

}  // namespace

Report play_keyed_process_timers(const Scenario& scenario) { return KeyedTimers{scenario}.play(); }

}  // namespace scenarios
