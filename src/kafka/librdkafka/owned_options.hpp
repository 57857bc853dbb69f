// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace weir::inline v0::kafka::librdkafka {

/// Why an option of librdkafka is not for users to set; empty: it is.
std::string_view why_not_to_set(std::string_view option) noexcept;

/// Whether the value of an option must not appear anywhere.
bool is_secret(std::string_view option) noexcept;

}  // namespace weir::inline v0::kafka::librdkafka
