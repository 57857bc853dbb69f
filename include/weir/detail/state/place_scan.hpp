// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "weir/detail/state/entry_key.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The instances (panes) of a table that have entries in the store, in order; one seek for each.
WEIR_API std::vector<std::int64_t> instances_in(ShardStore& store, const TablePlace& table);

}  // namespace weir::inline v0::detail
