// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/content_codec.hpp"

#include <string>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

std::string read_text(ByteReader& in) { return std::string{in.sized()}; }

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.u8();
  if (value > 1) throw CorruptState("a flag is " + std::to_string(value));
  return value == 1;
}

std::uint32_t read_u32(ByteReader& in) {
  const std::uint64_t value = in.varint();
  if (value > 0xffff'ffffU) throw CorruptState("a number is too large");
  return static_cast<std::uint32_t>(value);
}

template <class T, class Encode>
void write_all(ByteWriter& out, const T& items, Encode encode_item) {
  out.varint(items.size());
  for (const auto& item : items) encode_item(item);
}

template <class Decode>
auto read_all(ByteReader& in, Decode decode_item) {
  std::vector<decltype(decode_item())> items;
  for (std::uint64_t left = in.varint(); left > 0; --left) items.push_back(decode_item());
  return items;
}

void write_name(ByteWriter& out, const CheckpointName& name) {
  out.sized(name.timeline);
  out.varint(name.id.value);
}

CheckpointName read_name(ByteReader& in) {
  std::string timeline = read_text(in);
  return {std::move(timeline), CheckpointId{in.varint()}};
}

void write_blobs(ByteWriter& out, const Blobs& blobs) {
  write_all(out, blobs, [&](const auto& blob) {
    out.u32(blob.first.value);
    out.sized(blob.second);
  });
}

Blobs read_blobs(ByteReader& in) {
  Blobs blobs;
  for (std::uint64_t left = in.varint(); left > 0; --left) {
    const NodeId node{in.u32()};
    blobs[node] = read_text(in);
  }
  return blobs;
}

void write_known(ByteWriter& out, const CheckpointName& name, NameTable& names) {
  out.varint(names.number_of(name.timeline));
  out.varint(name.id.value);
}

CheckpointName read_known(ByteReader& in, const NameTable& names) {
  std::string timeline = names.name(in.varint());
  return {std::move(timeline), CheckpointId{in.varint()}};
}

void write_section(ByteWriter& out, const SectionRef& section, NameTable& names) {
  out.varint(names.number_of(section.file));
  out.varint(section.offset);
  out.varint(section.bytes);
  out.u64(section.checksum);
}

SectionRef read_section(ByteReader& in, const NameTable& names) {
  SectionRef section;
  section.file = names.name(in.varint());
  section.offset = in.varint();
  section.bytes = in.varint();
  section.checksum = in.u64();
  return section;
}

void write_file(ByteWriter& out, const FileRef& file) {
  out.sized(file.name);
  out.varint(file.bytes);
  out.u64(file.checksum);
}

FileRef read_file(ByteReader& in) {
  FileRef file;
  file.name = read_text(in);
  file.bytes = in.varint();
  file.checksum = in.u64();
  return file;
}

void write_base(ByteWriter& out, const BaseRef& base, NameTable& names) {
  write_known(out, base.cut, names);
  out.varint(base.sequence);
  write_all(out, base.files, [&](const FileRef& file) { write_file(out, file); });
  write_all(out, base.sections,
            [&](const SectionRef& section) { write_section(out, section, names); });
}

BaseRef read_base(ByteReader& in, const NameTable& names) {
  BaseRef base;
  base.cut = read_known(in, names);
  base.sequence = in.varint();
  base.files = read_all(in, [&] { return read_file(in); });
  base.sections = read_all(in, [&] { return read_section(in, names); });
  return base;
}

void write_stage(ByteWriter& out, const StageRecord& stage) {
  out.sized(stage.name);
  out.u8(static_cast<std::uint8_t>(stage.partitioning.kind));
  out.varint(stage.partitioning.key_groups);
  out.varint(stage.partitioning.shards);
  out.sized(stage.partitioning.topic);
}

StageRecord read_stage(ByteReader& in) {
  StageRecord stage;
  stage.name = read_text(in);
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(Partitioning::Kind::external)) {
    throw CorruptState("a partitioning is of unknown kind " + std::to_string(kind));
  }
  stage.partitioning.kind = static_cast<Partitioning::Kind>(kind);
  stage.partitioning.key_groups = read_u32(in);
  stage.partitioning.shards = read_u32(in);
  stage.partitioning.topic = read_text(in);
  return stage;
}

void write_node(ByteWriter& out, const NodeRecord& node) {
  out.u32(node.id.value);
  out.sized(node.name);
  out.sized(node.kind);
  write_all(out, node.tables, [&](const TableRecord& table) {
    out.sized(table.name);
    out.sized(table.fingerprint);
  });
}

NodeRecord read_node(ByteReader& in) {
  NodeRecord node;
  node.id = NodeId{in.u32()};
  node.name = read_text(in);
  node.kind = read_text(in);
  node.tables = read_all(in, [&] {
    TableRecord table;
    table.name = read_text(in);
    table.fingerprint = read_text(in);
    return table;
  });
  return node;
}

}  // namespace

std::uint64_t NameTable::number_of(const std::string& name) {
  const auto [entry, is_new] = numbers_.try_emplace(name, names_.size());
  if (is_new) names_.push_back(name);
  return entry->second;
}

const std::string& NameTable::name(std::uint64_t number) const {
  if (number >= names_.size()) throw CorruptState("a name is missing");
  return names_[static_cast<std::size_t>(number)];
}

void encode(ByteWriter& out, const NameTable& names) {
  write_all(out, names.all(), [&](const std::string& name) { out.sized(name); });
}

NameTable decode_names(ByteReader& in) {
  NameTable names;
  for (const std::string& name : read_all(in, [&] { return read_text(in); })) {
    names.number_of(name);
  }
  return names;
}

void encode(ByteWriter& out, const CheckpointIdentity& identity) {
  out.sized(identity.job);
  out.sized(identity.instance);
  write_name(out, identity.name);
  out.u8(identity.parent ? 1 : 0);
  if (identity.parent) write_name(out, *identity.parent);
  out.varint(identity.sequence);
  out.zigzag(identity.taken_at.ms());
  out.sized(identity.savepoint);
  out.u8(identity.is_finished ? 1 : 0);
}

CheckpointIdentity decode_identity(ByteReader& in) {
  CheckpointIdentity identity;
  identity.job = read_text(in);
  identity.instance = read_text(in);
  identity.name = read_name(in);
  if (read_flag(in)) identity.parent = read_name(in);
  identity.sequence = in.varint();
  identity.taken_at = EventTime{in.zigzag()};
  identity.savepoint = read_text(in);
  identity.is_finished = read_flag(in);
  return identity;
}

void encode(ByteWriter& out, const TopologyRecord& topology) {
  write_all(out, topology.stages, [&](const StageRecord& stage) { write_stage(out, stage); });
  write_all(out, topology.nodes, [&](const NodeRecord& node) { write_node(out, node); });
}

TopologyRecord decode_topology(ByteReader& in) {
  TopologyRecord topology;
  topology.stages = read_all(in, [&] { return read_stage(in); });
  topology.nodes = read_all(in, [&] { return read_node(in); });
  return topology;
}

void encode(ByteWriter& out, const SplitRecord& split) {
  out.sized(split.name.source);
  out.sized(split.name.split.value);
  out.sized(split.position.bytes);
  out.zigzag(split.watermark.ms());
  write_blobs(out, split.blobs);
}

SplitRecord decode_split(ByteReader& in) {
  SplitRecord split;
  split.name.source = read_text(in);
  split.name.split.value = read_text(in);
  split.position.bytes = read_text(in);
  split.watermark = EventTime{in.zigzag()};
  split.blobs = read_blobs(in);
  return split;
}

void encode(ByteWriter& out, const ShardRecord& shard, NameTable& names) {
  out.sized(shard.stage);
  out.varint(shard.shard.value);
  out.zigzag(shard.watermark.ms());
  write_blobs(out, shard.blobs);
  out.u8(shard.base ? 1 : 0);
  if (shard.base) write_base(out, *shard.base, names);
  write_all(out, shard.deltas, [&](const DeltaRef& delta) {
    write_known(out, delta.checkpoint, names);
    out.varint(delta.sequence);
    write_section(out, delta.section, names);
  });
}

ShardRecord decode_shard(ByteReader& in, const NameTable& names) {
  ShardRecord shard;
  shard.stage = read_text(in);
  shard.shard = ShardId{read_u32(in)};
  shard.watermark = EventTime{in.zigzag()};
  shard.blobs = read_blobs(in);
  if (read_flag(in)) shard.base = read_base(in, names);
  shard.deltas = read_all(in, [&] {
    DeltaRef delta;
    delta.checkpoint = read_known(in, names);
    delta.sequence = in.varint();
    delta.section = read_section(in, names);
    return delta;
  });
  return shard;
}

void encode(ByteWriter& out, const ParticipantRecord& participant) {
  out.sized(participant.name);
  out.sized(participant.part);
  out.u8(participant.unpublished_since ? 1 : 0);
  if (participant.unpublished_since) out.varint(participant.unpublished_since->value);
}

ParticipantRecord decode_participant(ByteReader& in) {
  ParticipantRecord participant;
  participant.name = read_text(in);
  participant.part = read_text(in);
  if (read_flag(in)) participant.unpublished_since = CheckpointId{in.varint()};
  return participant;
}

}  // namespace weir::inline v0::detail
