// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "weir/fields.hpp"

namespace weir::inline v0 {

/// A record that could not be used, with what is known of it: what `dead_letters()` carries. Its
/// fields are described, so that any format can write it.
///
///     {"12;not a number", "lines", "a.txt", 7, "field 2 is not a number"}
struct DeadLetter {
  std::string bytes;  ///< Of a source: as they were read. Else the record as its Codec writes it.
  std::string node;   ///< The node that gave it up.
  std::string split;  ///< Where the record was read; empty: not known.
  std::optional<std::uint64_t> position;  ///< The number of the record in that split.
  std::string reason;                     ///< What was wrong with it.

  friend bool operator==(const DeadLetter&, const DeadLetter&) = default;
};

template <>
struct Fields<DeadLetter> {
  static constexpr auto all =
      std::tuple{field("bytes", &DeadLetter::bytes), field("node", &DeadLetter::node),
                 field("split", &DeadLetter::split), field("position", &DeadLetter::position),
                 field("reason", &DeadLetter::reason)};
};

}  // namespace weir::inline v0
