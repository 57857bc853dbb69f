// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/codec.hpp"
#include "weir/state.hpp"

namespace weir::inline v0::detail {

/// Turns a stored value of an older type into the bytes of the present one.
struct Migration {
  std::uint64_t from = 0;  ///< codec_fingerprint of the old type.
  std::function<std::string(std::string_view old)> convert;
};

/// The migration that `convert` (Old to New) does.
template <Encodable Old, Encodable New, class Convert>
Migration migration(Convert convert) {
  return {codec_fingerprint<Old>(), [convert = std::move(convert)](std::string_view old) {
            return encode_to_string<New>(convert(decode_from_string<Old>(old)));
          }};
}

/// What an operator says about a table of its.
struct TableSpec {
  /// Unique in the node, and stable: state is found by it.
  std::string name;
  std::optional<Ttl> ttl = std::nullopt;
  /// Older types of the value that may be met in checkpoints.
  std::vector<Migration> migrations = {};
};

}  // namespace weir::inline v0::detail
