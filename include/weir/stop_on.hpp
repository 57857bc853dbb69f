// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <stop_token>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// A token that is stopped when the process gets one of the signals; for programs whose main()
/// runs a job.
///
///     job.run(weir::stop_on({SIGINT, SIGTERM}));   // Ctrl-C: checkpoint, commit, return
///
/// Call it before other threads are started: it blocks the signals in the calling thread, which
/// later threads inherit, and waits for them in a thread of its own that lives as long as the
/// process. A second signal of the same kind then ends the process as if weir were not there.
/// Nothing else in weir touches signals. Throws Error when the signals cannot be blocked.
WEIR_API std::stop_token stop_on(std::initializer_list<int> signals);

}  // namespace weir::inline v0
