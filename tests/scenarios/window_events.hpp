// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "scenarios/scenario.hpp"
#include "scenarios/stage.hpp"
#include "scenarios/windows.hpp"

namespace scenarios {

/// What is common to all windows: their results, as they are expected.
Json key_json(const std::string& key);
Json late_json(const LateItem& late);

/// The record of an event: key and value as they are, null where they are absent.
Item item_of(const Json& event);

/// What every topology takes: the machine's clock, and snapshots. Returns whether there is more to
/// the event than that.
bool apply_common(Stage& stage, const Json& event);

}  // namespace scenarios
