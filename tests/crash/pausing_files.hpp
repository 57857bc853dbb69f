// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/file_system.hpp"

namespace weir::crash {

/// Where a job can be held until it is killed: between a sink's sync and the end of publication.
///
///     staged      the output file has been synced, the checkpoint file not begun
///     stored      the checkpoint file is whole and synced, and has not got its name
///     committed   the checkpoint file has its name
///     publishing  an output file is about to get its name
///     published   an output file has its name, its directory is not synced
///     removing    a checkpoint file that nothing needs any more is about to go
///     removed     it is gone
inline constexpr const char* kSteps[] = {"staged",    "stored",   "committed", "publishing",
                                         "published", "removing", "removed"};

/// The machine's files, but that the `count`-th passing of a step prints "paused STEP" and never
/// returns.
std::shared_ptr<FileSystem> pausing_files(std::string step, std::uint64_t count);

}  // namespace weir::crash
