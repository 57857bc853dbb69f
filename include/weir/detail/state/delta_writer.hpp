// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/detail/state/state_op.hpp"
#include "weir/detail/state/table_schema.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Collects what changed in a shard since the last barrier: unsorted, as fast as it goes. What it
/// gives is for this process alone; `write_delta()` makes the stored form of it on another thread.
class WEIR_API DeltaWriter final {
 public:
  /// Starts a delta. Memory of the last one is used again.
  void begin(const StateCut& cut, const ShardSchema& schema);

  void put(const PlaceBytes& place, std::uint16_t group, std::string_view key,
           std::string_view value) {
    point(StateOpKind::put, place, group, key);
    out_.sized(value);
  }
  void erase(const PlaceBytes& place, std::uint16_t group, std::string_view key) {
    point(StateOpKind::erase, place, group, key);
  }
  /// The rest of an operation on an element: subkeys follow the key.
  void put_element(const EntryKey& entry, const PlaceBytes& place, std::string_view value,
                   bool is_append);
  void erase_element(const EntryKey& entry, const PlaceBytes& place);
  /// Erases elements of a key whose subkeys are below `limit`; empty: all.
  void truncate_front(const PlaceBytes& place, std::uint16_t group, std::string_view key,
                      std::string_view limit);
  void drop_table(const PlaceBytes& place);

  std::size_t size() const noexcept { return out_.size(); }
  /// Operations so far.
  std::uint64_t count() const noexcept { return count_; }
  /// What was collected since begin().
  std::string take() { return out_.take(); }

 private:
  void point(StateOpKind kind, const PlaceBytes& place, std::uint16_t group, std::string_view key) {
    ++count_;
    out_.u8(static_cast<std::uint8_t>(kind));
    out_.varint(kPlaceBytes + 2 + sized_length(key.size()) + key.size());
    append_entry_key(out_, place, group, key);
  }
  static std::size_t sized_length(std::size_t size) noexcept {
    std::size_t bytes = 1;
    for (; size >= 0x80; size >>= 7) ++bytes;
    return bytes;
  }

  ByteWriter out_;
  std::uint64_t count_ = 0;
};

}  // namespace weir::inline v0::detail
