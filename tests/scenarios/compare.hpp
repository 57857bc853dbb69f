// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "scenarios/scenario.hpp"

namespace scenarios {

/// The first difference, as "expected ..., got ..."; nullopt: all is as expected. Each field that
/// an expectation names is compared, but for those that the report ignores.
/// Throws: BadScenario for an expectation that compares nothing.
std::optional<std::string> difference(const Scenario& scenario, const Report& report);

}  // namespace scenarios
