// SPDX-License-Identifier: Apache-2.0
#include "weir/stable_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir::inline v0 {

std::uint64_t stable_hash(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace weir::inline v0
