// SPDX-License-Identifier: Apache-2.0
#include "io/part_files.hpp"
#include "weir/bytes.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint8_t kVersion = 1;

void write_name(ByteWriter& out, const PartName& name) {
  out.sized(name.bucket);
  out.sized(name.name);
}

PartName read_name(ByteReader& in) {
  PartName name;
  name.bucket = in.sized();
  name.name = in.sized();
  return name;
}

}  // namespace

std::string FileSinkPart::encode() const {
  ByteWriter out;
  out.u8(kVersion);
  out.varint(run);
  out.sized(token);
  out.varint(next_sequence);
  out.varint(pending.size());
  for (const PartName& name : pending) write_name(out, name);
  out.varint(in_progress.size());
  for (const PartInProgress& file : in_progress) {
    write_name(out, file.name);
    out.varint(file.length);
    out.zigzag(file.begun_at.ms());
  }
  return out.take();
}

FileSinkPart FileSinkPart::decode(std::string_view bytes) {
  ByteReader in{bytes};
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    throw CorruptState("a file sink's part of a checkpoint has version " + std::to_string(version) +
                       "; this version of weir reads " + std::to_string(kVersion));
  }
  FileSinkPart part;
  part.run = in.varint();
  part.token = in.sized();
  part.next_sequence = in.varint();
  for (std::uint64_t left = in.varint(); left > 0; --left) part.pending.push_back(read_name(in));
  for (std::uint64_t left = in.varint(); left > 0; --left) {
    PartInProgress file;
    file.name = read_name(in);
    file.length = in.varint();
    file.begun_at = EventTime{in.zigzag()};
    part.in_progress.push_back(std::move(file));
  }
  return part;
}

}  // namespace weir::inline v0::detail
