// SPDX-License-Identifier: Apache-2.0
#include "scenarios/families.hpp"

#include <algorithm>
#include <iterator>

namespace scenarios {
namespace {

struct Family {
  const char* type;
  Report (*play)(const Scenario&);
};

constexpr Family kFamilies[] = {
    {"flink_window", play_flink_window},
    {"idleness_timer", play_idleness_timer},
    {"keyed_process_timers", play_keyed_process_timers},
    {"merging_window_set", play_merging_window_set},
    {"partition_merge", play_partition_merge},
    {"punctuator", play_punctuator},
    {"session_window_aggregate", play_session_window_aggregate},
    {"time_window_aggregate", play_time_window_aggregate},
    {"ttl_state", play_ttl_state},
    {"watermark_generator", play_watermark_generator},
    {"watermark_multiplexer", play_watermark_multiplexer},
    {"watermark_valve", play_watermark_valve},
    {"window_assigner", play_window_assigner},
};

}  // namespace

Report play(const Scenario& scenario) {
  const auto found =
      std::find_if(std::begin(kFamilies), std::end(kFamilies),
                   [&](const Family& family) { return scenario.type == family.type; });
  if (found == std::end(kFamilies)) {
    throw Unsupported{"weir does not have " + scenario.type + " yet"};
  }
  return found->play(scenario);
}

}  // namespace scenarios
