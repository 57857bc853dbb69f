// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/window_rules.hpp"

#include <algorithm>

namespace weir::inline v0::detail {
namespace {

void check_not_negative(std::vector<std::string>& found, const char* what, Duration value) {
  if (value >= Duration{0}) return;
  found.push_back(std::string{what} + " is " + std::to_string(value.count()) +
                  "ms; it must not be negative");
}

}  // namespace

std::vector<std::string> WindowRules::faults() const {
  std::vector<std::string> found = trigger.faults();
  check_not_negative(found, "allow_lateness", lateness);
  check_not_negative(found, "retain", retention);
  const bool is_update = emission == Emission::on_update;
  if (is_update && has_trigger) {
    found.push_back("emit(on_update()) gives a change after each record; leave out trigger()");
  }
  if (is_update && purges()) {
    found.push_back("a change needs its old value; leave out discarding() or emit(on_update())");
  }
  if (emission == Emission::early && early.every <= Duration{0} && early.records == 0) {
    found.push_back("early() needs every, positive, or records");
  }
  if (emission == Emission::early && trigger.kind() != Trigger::Kind::event_time) {
    found.push_back("early() is for windows that fire at their end; leave out trigger()");
  }
  if (is_by_processing_time && lateness > Duration{0}) {
    found.push_back("no record is late by processing time; leave out allow_lateness()");
  }
  return found;
}

std::string WindowRules::describe() const {
  std::string text;
  if (lateness > Duration{0}) text += ", lateness " + std::to_string(lateness.count()) + "ms";
  if (has_trigger) text += ", " + trigger.describe();
  if (emission == Emission::on_update) text += ", on update";
  if (emission == Emission::early) text += ", early";
  if (is_discarding) text += ", discarding";
  if (is_late_batched) text += ", late batched";
  if (retention > Duration{0}) text += ", retained " + std::to_string(retention.count()) + "ms";
  return text;
}

Firing fire_on_record(const WindowRules& rules, FiringState& state, EventTime last,
                      EventTime watermark) {
  const bool is_late = last <= watermark;
  const PaneTiming timing = is_late ? PaneTiming::late : PaneTiming::early;
  state.has_content = true;
  state.is_changed = true;
  ++state.count;
  if (rules.emission == WindowRules::Emission::on_update) return {};
  std::uint64_t enough = 0;
  if (rules.trigger.kind() == Trigger::Kind::count) {
    enough = rules.trigger.count();
  } else if (rules.trigger.kind() == Trigger::Kind::event_time) {
    if (is_late) return {!rules.is_late_batched, timing};
    if (rules.emission == WindowRules::Emission::early) enough = rules.early.records;
  }
  if (enough == 0 || state.count < enough) return {};
  state.count = 0;
  return {true, timing};
}

Firing fire_on_watermark(const WindowRules& rules, const FiringState& state, EventTime last,
                         EventTime before, EventTime watermark) {
  if (!rules.fires_at_end() || !state.has_content || watermark < last) return {};
  // The first watermark there is may be the one that says nothing.
  const bool was_closed = last <= before;
  if (!was_closed) return {true, PaneTiming::on_time};
  return {rules.is_late_batched && state.is_changed, PaneTiming::late};
}

void merge_firings(FiringState& state, const FiringState& other) {
  state.count += other.count;
  state.firings = std::max(state.firings, other.firings);
  state.has_content |= other.has_content;
  state.is_changed |= other.is_changed;
}

}  // namespace weir::inline v0::detail
