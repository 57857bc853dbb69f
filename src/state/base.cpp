// SPDX-License-Identifier: Apache-2.0
#include "weir/bytes.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint16_t kVersion = 1;

}  // namespace

std::uint64_t Base::bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const BaseObject& each : objects) sum += each.bytes;
  return sum;
}

std::string encode_base(const Base& base) {
  ByteWriter out;
  out.u16(kVersion);
  out.sized(base.kind);
  out.varint(base.cut.checkpoint.value);
  out.u64(static_cast<std::uint64_t>(base.cut.event.ms()));
  out.u64(static_cast<std::uint64_t>(base.cut.processing.ms()));
  encode_schema(out, base.schema);
  out.varint(base.objects.size());
  for (const BaseObject& each : base.objects) {
    out.sized(each.name);
    out.sized(each.local_name);
    out.varint(each.bytes);
  }
  return out.take();
}

Base decode_base(std::string_view bytes) {
  ByteReader in{bytes};
  const std::uint16_t version = in.u16();
  if (version != kVersion) {
    throw CorruptState{"a base is described in format " + std::to_string(version) +
                       "; this version reads format " + std::to_string(kVersion)};
  }
  Base base;
  base.kind = in.sized();
  base.cut.checkpoint.value = in.varint();
  base.cut.event = EventTime{static_cast<std::int64_t>(in.u64())};
  base.cut.processing = EventTime{static_cast<std::int64_t>(in.u64())};
  base.schema = decode_schema(in);
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count; ++i) {
    BaseObject object;
    object.name = in.sized();
    object.local_name = in.sized();
    object.bytes = in.varint();
    base.objects.push_back(std::move(object));
  }
  if (!in.empty()) throw CorruptState{"the description of a base has bytes left over"};
  return base;
}

}  // namespace weir::inline v0::detail
