// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// The hash of bytes that state depends on (key groups, fingerprints): XXH3 with 64 bits, seed 0.
/// The same on every machine and in every version, for ever.
WEIR_API std::uint64_t stable_hash(std::string_view bytes) noexcept;

}  // namespace weir::inline v0
