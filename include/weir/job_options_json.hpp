// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0 {

/// Job options from a JSON object, on top of `defaults`. Names are those of the structs; durations
/// are whole milliseconds, or text with a unit: "250ms", "10s", "5min", "24h".
///
///     {"workers": 4, "guarantee": "exactly_once",
///      "checkpoints": {"directory": "/var/lib/app/checkpoints", "interval": "1s"}}
///
/// What JSON cannot say (storage, state, logger, clock, files) stays as in `defaults`. Throws
/// ConfigError with every fault: text that is no JSON, a value of another type, an unknown name
/// with the nearest known one. Limits are checked by the Job.
WEIR_API JobOptions job_options_from_json(std::string_view json, JobOptions defaults = {});

}  // namespace weir::inline v0
