// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/content.hpp"
#include "weir/bytes.hpp"

namespace weir::inline v0::detail {

/// Text that occurs over and over in one file: timelines, names of files. Written once, referred to
/// by number.
class NameTable final {
 public:
  std::uint64_t number_of(const std::string& name);
  /// Throws: CorruptState.
  const std::string& name(std::uint64_t number) const;
  const std::vector<std::string>& all() const noexcept { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::uint64_t> numbers_;
};

/// The payloads of blocks. Reading throws CorruptState.
void encode(ByteWriter& out, const CheckpointIdentity& identity);
void encode(ByteWriter& out, const TopologyRecord& topology);
void encode(ByteWriter& out, const SplitRecord& split);
void encode(ByteWriter& out, const NameTable& names);
void encode(ByteWriter& out, const ShardRecord& shard, NameTable& names);
void encode(ByteWriter& out, const ParticipantRecord& participant);

CheckpointIdentity decode_identity(ByteReader& in);
TopologyRecord decode_topology(ByteReader& in);
SplitRecord decode_split(ByteReader& in);
NameTable decode_names(ByteReader& in);
ShardRecord decode_shard(ByteReader& in, const NameTable& names);
ParticipantRecord decode_participant(ByteReader& in);

}  // namespace weir::inline v0::detail
