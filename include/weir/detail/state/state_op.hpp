// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::inline v0::detail {

/// What a delta does to an entry. Stored as these numbers.
enum class StateOpKind : std::uint8_t {
  put = 1,
  erase = 2,
  append = 3,          ///< A put of a new element of a list: its subkey was never used before.
  truncate_front = 4,  ///< Of one key: erases subkeys below the value; an empty value: all.
  drop_table = 5,      ///< Erases all entries of a place; the key is the place.
};

/// Ranges (truncate_front, drop_table) are done before the other operations of the same delta,
/// which has at most one operation for each entry.
struct StateOp {
  StateOpKind kind = StateOpKind::put;
  std::string_view key;    ///< An entry key; see entry_key.hpp.
  std::string_view value;  ///< Empty for erase and drop_table.
};

/// Operations, one after the other.
class OpCursor {
 public:
  virtual ~OpCursor() = default;
  /// The next operation, whose bytes live until the next call. False at the end.
  virtual bool next(StateOp& op) = 0;
};

/// Entries in the order of their keys: operations that are all `put`.
class EntryCursor {
 public:
  virtual ~EntryCursor() = default;
  /// The next entry, whose bytes live until the next call. False at the end.
  virtual bool next(std::string_view& key, std::string_view& value) = 0;
};

}  // namespace weir::inline v0::detail
