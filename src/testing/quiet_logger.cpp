// SPDX-License-Identifier: Apache-2.0
#include "testing/quiet_logger.hpp"

#include <spdlog/logger.h>

namespace weir::inline v0::testing {

Logger quiet_logger() { return std::make_shared<spdlog::logger>("quiet"); }

}  // namespace weir::inline v0::testing
