// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace spdlog {
class logger;
}

namespace weir::inline v0 {

/// Where weir's log lines go: a logger of the host's, with its sinks, format and level. Null means
/// weir's own: warnings and errors to stderr. weir never touches spdlog's registry or its default
/// logger. Lines hold no bytes of records and no secrets; one that repeats is thinned out.
using Logger = std::shared_ptr<spdlog::logger>;

}  // namespace weir::inline v0
