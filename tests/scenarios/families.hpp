// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "scenarios/scenario.hpp"

// Plays scenarios, one function per type of operator. Each throws BadScenario for what it does not
// understand, Unsupported for what weir does not have.
namespace scenarios {

/// The one that plays this type.
Report play(const Scenario& scenario);

// Plain objects of event time.
Report play_watermark_valve(const Scenario& scenario);
Report play_watermark_multiplexer(const Scenario& scenario);
Report play_watermark_generator(const Scenario& scenario);
Report play_idleness_timer(const Scenario& scenario);
Report play_partition_merge(const Scenario& scenario);
Report play_punctuator(const Scenario& scenario);

// Plain objects of windows.
Report play_window_assigner(const Scenario& scenario);
Report play_merging_window_set(const Scenario& scenario);

// Topologies under the test driver.
Report play_time_window_aggregate(const Scenario& scenario);
Report play_session_window_aggregate(const Scenario& scenario);
Report play_flink_window(const Scenario& scenario);
Report play_ttl_state(const Scenario& scenario);
Report play_keyed_process_timers(const Scenario& scenario);

}  // namespace scenarios
