// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weir/log.hpp"

namespace weir::inline v0::testing {

/// Writes nothing, anywhere: simulations provoke errors by the thousand.
Logger quiet_logger();

}  // namespace weir::inline v0::testing
