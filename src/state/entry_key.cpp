// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/entry_key.hpp"

#include <cstring>

#include "weir/error.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

}  // namespace

TableId table_id_of(std::string_view name) noexcept {
  return {static_cast<std::uint32_t>(stable_hash(name))};
}

PlaceBytes place_bytes(const TablePlace& place) noexcept {
  const std::uint32_t node = __builtin_bswap32(place.node.value);
  const std::uint32_t table = __builtin_bswap32(place.table.value);
  const std::uint64_t instance =
      __builtin_bswap64(static_cast<std::uint64_t>(place.instance) ^ kSign);
  PlaceBytes bytes;
  std::memcpy(bytes.data(), &node, sizeof node);
  std::memcpy(bytes.data() + 4, &table, sizeof table);
  std::memcpy(bytes.data() + 8, &instance, sizeof instance);
  return bytes;
}

TablePlace parse_place(std::string_view bytes) {
  ByteReader in{bytes};
  TablePlace place;
  place.node.value = in.big_u32();
  place.table.value = in.big_u32();
  place.instance = static_cast<std::int64_t>(in.big_u64() ^ kSign);
  return place;
}

EntryKey parse_entry_key(std::string_view bytes) {
  ByteReader in{bytes};
  EntryKey entry;
  entry.place = parse_place(in.raw(kPlaceBytes));
  entry.group = in.big_u16();
  entry.key = in.sized();
  entry.subkey = in.rest();
  return entry;
}

std::string_view without_subkey(std::string_view entry_key) {
  const EntryKey entry = parse_entry_key(entry_key);
  return entry_key.substr(0, entry_key.size() - entry.subkey.size());
}

}  // namespace weir::inline v0::detail
