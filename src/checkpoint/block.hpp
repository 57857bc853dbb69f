// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/checksum.hpp"
#include "weir/checkpoint_storage.hpp"

namespace weir::inline v0::detail {

/// What a block of a checkpoint file holds. Numbers are part of the format.
enum class BlockKind : std::uint8_t {
  identity = 1,
  topology = 2,
  split = 3,
  names = 4,
  shard = 5,
  participant = 6,
  section_start = 7,
  section_bytes = 8,
  section_end = 9,
  sections = 10,
  trailer = 11,
};

/// What a file is for. Numbers are part of the format.
enum class FileKind : std::uint32_t { checkpoint = 1, savepoint = 2 };

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint8_t kBlockVersion = 1;

/// Writes a file of framed blocks; README, "The file".
class BlockWriter final {
 public:
  /// Writes the preamble.
  BlockWriter(const ChunkSink& sink, FileKind kind);

  void write(BlockKind kind, std::string_view payload);
  /// Writes the trailer; nothing may follow.
  void finish();
  /// Bytes so far: where the next block begins.
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  void put(std::string_view bytes);

  const ChunkSink& sink_;
  Checksum checksum_;
  std::uint64_t offset_ = 0;
};

struct Block {
  BlockKind kind = BlockKind::trailer;
  std::string payload;
};

/// Reads back what a BlockWriter wrote. Every byte that is not what was written, missing or too
/// many is found: CorruptState, naming the file and the place.
class BlockReader final {
 public:
  /// Reads the preamble. Throws CorruptState if this is no such file, or of a newer format.
  BlockReader(std::unique_ptr<ChunkReader> chunks, std::string file, FileKind kind);

  /// The next block; nullopt after the trailer, which has been checked against everything before.
  std::optional<Block> next();
  /// Goes to a block that begins at `offset`, forward. The trailer can no longer be checked then.
  void skip_to(std::uint64_t offset);

  std::uint64_t offset() const noexcept { return offset_; }
  const std::string& file() const noexcept { return file_; }
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  std::string read_exactly(std::size_t bytes);
  void check_trailer(std::string_view payload, std::uint64_t begin) const;

  const std::unique_ptr<ChunkReader> chunks_;
  const std::string file_;
  Checksum checksum_;
  std::uint64_t checksum_before_ = 0;  // Of everything before the block at hand.
  std::uint64_t offset_ = 0;
  bool has_skipped_ = false;
  bool has_ended_ = false;
};

}  // namespace weir::inline v0::detail
