// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/ids.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {

/// Identity of a node across versions of a topology: a hash of its name. State depends on it.
inline NodeId node_id(std::string_view name) noexcept {
  return NodeId{static_cast<std::uint32_t>(stable_hash(name) >> 32)};
}

}  // namespace weir::inline v0::detail
