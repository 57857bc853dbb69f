// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/export.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0::detail {

/// The number of a table in its node: a hash of its name, so that it stays when tables are added.
struct TableId {
  std::uint32_t value = 0;
  friend auto operator<=>(const TableId&, const TableId&) = default;
};

WEIR_API TableId table_id_of(std::string_view name) noexcept;

/// One instance of a table: 0, or the start of a pane in ms.
struct TablePlace {
  NodeId node;
  TableId table;
  std::int64_t instance = 0;
  friend auto operator<=>(const TablePlace&, const TablePlace&) = default;
};

/// What every entry key of one place starts with; sorts as places do.
inline constexpr std::size_t kPlaceBytes = 16;
using PlaceBytes = std::array<char, kPlaceBytes>;

WEIR_API PlaceBytes place_bytes(const TablePlace& place) noexcept;

/// The parts of an entry's key in deltas, bases and stores: place (16 bytes, big-endian), key group
/// (2), length of the key (varint), key, subkey (the rest). Entries of one key lie together.
struct EntryKey {
  TablePlace place;
  std::uint16_t group = 0;
  std::string_view key;
  std::string_view subkey;
};

/// Appends the bytes of an entry key.
inline void append_entry_key(ByteWriter& out, const PlaceBytes& place, std::uint16_t group,
                             std::string_view key) {
  out.raw({place.data(), place.size()});
  out.big_u16(group);
  out.sized(key);
}

/// Takes the bytes of a place. Throws: CorruptState.
WEIR_API TablePlace parse_place(std::string_view bytes);
/// Takes an entry key apart; the parts refer to `bytes`. Throws: CorruptState.
WEIR_API EntryKey parse_entry_key(std::string_view bytes);
/// The entry key without its subkey: what all elements of one list or map start with.
WEIR_API std::string_view without_subkey(std::string_view entry_key);

}  // namespace weir::inline v0::detail
