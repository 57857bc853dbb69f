// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weir/commit.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The name of a checkpoint as a log keeps it beside a committed offset:
/// `v1;t=<timeline>;i=<instance>;n=<N>`. Printable ASCII, below 200 bytes.
WEIR_API std::string encode_pointer(const CheckpointPointer& pointer);
/// nullopt: not weir's. Throws CorruptState: weir's, but damaged or of a newer version.
WEIR_API std::optional<CheckpointPointer> decode_pointer(std::string_view metadata);

}  // namespace weir::inline v0::detail
