// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/delta_writer.hpp"

#include "state/state_stream.hpp"

namespace weir::inline v0::detail {

void DeltaWriter::begin(const StateCut& cut, const ShardSchema& schema) {
  out_.clear();
  count_ = 0;
  ByteWriter header;
  encode_stream_header(header, {StreamKind::delta, cut, schema});
  out_.sized(header.view());
}

void DeltaWriter::put_element(const EntryKey& entry, const PlaceBytes& place,
                              std::string_view value, bool is_append) {
  ++count_;
  out_.u8(static_cast<std::uint8_t>(is_append ? StateOpKind::append : StateOpKind::put));
  out_.varint(kPlaceBytes + 2 + sized_length(entry.key.size()) + entry.key.size() +
              entry.subkey.size());
  append_entry_key(out_, place, entry.group, entry.key);
  out_.raw(entry.subkey);
  out_.sized(value);
}

void DeltaWriter::erase_element(const EntryKey& entry, const PlaceBytes& place) {
  ++count_;
  out_.u8(static_cast<std::uint8_t>(StateOpKind::erase));
  out_.varint(kPlaceBytes + 2 + sized_length(entry.key.size()) + entry.key.size() +
              entry.subkey.size());
  append_entry_key(out_, place, entry.group, entry.key);
  out_.raw(entry.subkey);
}

void DeltaWriter::truncate_front(const PlaceBytes& place, std::uint16_t group, std::string_view key,
                                 std::string_view limit) {
  point(StateOpKind::truncate_front, place, group, key);
  out_.sized(limit);
}

void DeltaWriter::drop_table(const PlaceBytes& place) {
  ++count_;
  out_.u8(static_cast<std::uint8_t>(StateOpKind::drop_table));
  out_.sized({place.data(), place.size()});
}

}  // namespace weir::inline v0::detail
