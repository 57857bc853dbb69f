// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/block.hpp"
#include "checkpoint/content.hpp"
#include "weir/checkpoint_storage.hpp"

namespace weir::inline v0 {
class FileSystem;
}

namespace weir::inline v0::detail {

/// Writes the file of a checkpoint, or a savepoint, and fills in where each shard's own section
/// lies: as the last of `deltas`, where anything was streamed; of a savepoint as the `base`.
/// `sections[i]` streams what belongs to `content.shards[i]`; null: nothing.
/// Returns the bytes of the file; nullopt when the name is taken. Throws: IoError, and what a
/// producer throws; then there is no such file.
std::optional<std::uint64_t> write_checkpoint_file(CheckpointStorage& storage,
                                                   const std::string& file,
                                                   CheckpointContent& content,
                                                   const std::vector<ChunkProducer>& sections);
std::optional<std::uint64_t> write_savepoint_file(CheckpointStorage& storage,
                                                  const std::string& file,
                                                  CheckpointContent& content,
                                                  const std::vector<ChunkProducer>& sections);

/// Everything before the sections: without the file's own deltas, and without a check of what
/// follows. Throws: CorruptState, also if the file is not there.
CheckpointContent read_checkpoint_head(CheckpointStorage& storage, const std::string& file);
/// Reads the file to its end and checks every byte. Throws: CorruptState.
CheckpointContent read_checkpoint_file(CheckpointStorage& storage, const std::string& file);
CheckpointContent read_savepoint_file(CheckpointStorage& storage, const std::string& file);

/// A delta, or a stream of a savepoint. Reading it to its end checks length and checksum.
/// Throws: CorruptState, now or while reading.
std::unique_ptr<ChunkReader> open_section(CheckpointStorage& storage, const SectionRef& section,
                                          FileKind kind);
/// A file of a base; reading it to its end checks length and checksum. Throws: CorruptState.
std::unique_ptr<ChunkReader> open_base_file(CheckpointStorage& storage, const FileRef& file);
/// Stores a local file as a part of a base. Throws: IoError, also if the name is taken.
FileRef store_base_file(CheckpointStorage& storage, const std::string& name,
                        const std::string& local_path, FileSystem& files);
/// The same for bytes that a producer streams.
FileRef store_base_stream(CheckpointStorage& storage, const std::string& name,
                          const ChunkProducer& producer);

}  // namespace weir::inline v0::detail
