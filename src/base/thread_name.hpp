// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// Gives the calling thread a name, as debuggers and `top -H` show it. Cut off after 15 bytes,
/// which is what the system keeps: put what tells threads apart first ("w3 alerts").
WEIR_API void name_this_thread(std::string_view name) noexcept;

}  // namespace weir::inline v0
