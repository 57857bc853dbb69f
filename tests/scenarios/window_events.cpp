// SPDX-License-Identifier: Apache-2.0
#include "scenarios/window_events.hpp"

namespace scenarios {

Json key_json(const std::string& key) { return Json::parse(key); }

Json late_json(const LateItem& late) {
  return {{"key", key_json(late.key)},
          {"value", Json::parse(late.record.value)},
          {"t", late.time.ms()},
          {"watermark", late.watermark.ms()}};
}

Item item_of(const Json& event) {
  return {event.value("key", Json{}).dump(), event.value("value", Json{}).dump(),
          integer_or(event, "t", 0)};
}

bool apply_common(Stage& stage, const Json& event) {
  for (const char* field : {"wall", "processing_time"}) {
    if (has(event, field)) stage.set_clock(time_of(event, field));
  }
  if (has(event, "advance_ms")) stage.set_clock(stage.now() + duration_of(event, "advance_ms"));
  if (has(event, "restart") || has(event, "snapshot_restore")) stage.checkpoint_and_restart();
  return event.contains("t") || event.contains("key") || has(event, "watermark");
}

}  // namespace scenarios
