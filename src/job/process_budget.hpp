// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "weir/detail/state/memory_budget.hpp"

namespace weir::inline v0::detail {

/// The one memory budget of the process, made by the first job that runs and shared by all that
/// run beside it. `bytes`: what it is made with; 0 for the default. Any thread.
///
/// This is the one piece of state that jobs share without having been given it: memory belongs to
/// the process, and a bound per job would bound nothing.
std::shared_ptr<MemoryBudget> process_budget(std::uint64_t bytes);

}  // namespace weir::inline v0::detail
