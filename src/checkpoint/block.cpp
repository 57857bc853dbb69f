// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/block.hpp"

#include <algorithm>
#include <utility>

#include "weir/bytes.hpp"
#include "weir/detail/assert.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::string_view kMagic = "weirckpt";
constexpr std::size_t kPreambleBytes = 24;
constexpr std::size_t kFrameBytes = 16;
constexpr std::size_t kReadBytes = std::size_t{1} << 18;
constexpr std::size_t kMaxPayload = std::size_t{1} << 31;

/// The part of a frame that says what follows; its checksum covers this and the payload.
std::string frame_head(BlockKind kind, std::size_t payload_bytes) {
  ByteWriter head;
  head.u32(static_cast<std::uint32_t>(payload_bytes));
  head.u8(static_cast<std::uint8_t>(kind));
  head.u8(kBlockVersion);
  head.u16(0);
  return head.take();
}

std::uint64_t frame_checksum(std::string_view head, std::string_view payload) {
  Checksum sum;
  sum.add(head);
  sum.add(payload);
  return sum.value();
}

std::string kind_in_words(FileKind kind) {
  return kind == FileKind::savepoint ? "a savepoint" : "a checkpoint";
}

}  // namespace

BlockWriter::BlockWriter(const ChunkSink& sink, FileKind kind) : sink_{sink} {
  ByteWriter preamble;
  preamble.raw(kMagic);
  preamble.u32(kFormatVersion);
  preamble.u32(static_cast<std::uint32_t>(kind));
  preamble.u64(checksum(preamble.view()));
  put(preamble.view());
}

void BlockWriter::put(std::string_view bytes) {
  checksum_.add(bytes);
  offset_ += bytes.size();
  sink_(bytes);
}

void BlockWriter::write(BlockKind kind, std::string_view payload) {
  WEIR_ASSERT(payload.size() < kMaxPayload, "bytes", payload.size());
  const std::string head = frame_head(kind, payload.size());
  ByteWriter frame;
  frame.raw(head);
  frame.u64(frame_checksum(head, payload));
  put(frame.view());
  put(payload);
}

void BlockWriter::finish() {
  ByteWriter trailer;
  trailer.u64(offset_);
  trailer.u64(checksum_.value());
  write(BlockKind::trailer, trailer.view());
}

BlockReader::BlockReader(std::unique_ptr<ChunkReader> chunks, std::string file, FileKind kind)
    : chunks_{std::move(chunks)}, file_{std::move(file)} {
  const std::string bytes = read_exactly(kPreambleBytes);
  ByteReader preamble{bytes};
  if (preamble.raw(kMagic.size()) != kMagic) fail("it is no checkpoint file of weir");
  const std::uint32_t version = preamble.u32();
  const std::uint32_t found_kind = preamble.u32();
  if (preamble.u64() != checksum(std::string_view{bytes}.substr(0, kPreambleBytes - 8))) {
    fail("its first bytes do not fit their checksum");
  }
  if (version > kFormatVersion) {
    fail("it has format " + std::to_string(version) + ", and this version of weir knows formats " +
         "up to " + std::to_string(kFormatVersion) + "; use the version of weir that wrote it");
  }
  if (found_kind != static_cast<std::uint32_t>(kind)) fail("it is not " + kind_in_words(kind));
}

void BlockReader::fail(const std::string& reason) const {
  throw CorruptState("'" + file_ + "' cannot be used: " + reason + " (at byte " +
                     std::to_string(offset_) + ")");
}

/// In pieces: a damaged length must not make us ask for memory that the file does not fill.
std::string BlockReader::read_exactly(std::size_t bytes) {
  std::string read;
  while (read.size() < bytes) {
    const std::string piece = chunks_->read(std::min(bytes - read.size(), kReadBytes));
    if (piece.empty()) fail("it ends too early");
    read += piece;
    offset_ += piece.size();
  }
  checksum_.add(read);
  return read;
}

std::optional<Block> BlockReader::next() {
  if (has_ended_) return std::nullopt;
  const std::uint64_t begin = offset_;
  checksum_before_ = checksum_.value();
  const std::string frame = read_exactly(kFrameBytes);
  ByteReader head{frame};
  const std::size_t size = head.u32();
  const auto kind = static_cast<BlockKind>(head.u8());
  const std::uint8_t version = head.u8();
  head.u16();
  if (size >= kMaxPayload) fail("a block has an impossible length");
  Block block{kind, read_exactly(size)};
  const std::string_view head_bytes = std::string_view{frame}.substr(0, kFrameBytes - 8);
  if (head.u64() != frame_checksum(head_bytes, block.payload)) {
    fail("a block does not fit its checksum");
  }
  if (version > kBlockVersion || kind < BlockKind::identity || kind > BlockKind::trailer) {
    fail(
        "it holds a block that this version of weir does not know; use the version of weir that "
        "wrote it");
  }
  if (kind != BlockKind::trailer) return block;
  check_trailer(block.payload, begin);
  has_ended_ = true;
  return std::nullopt;
}

void BlockReader::check_trailer(std::string_view payload, std::uint64_t begin) const {
  ByteReader trailer{payload};
  const std::uint64_t bytes = trailer.u64();
  const std::uint64_t sum = trailer.u64();
  if (!trailer.empty() || bytes != begin) fail("its trailer is for a file of another length");
  if (!has_skipped_ && sum != checksum_before_) fail("it does not fit its checksum");
  if (!chunks_->read(1).empty()) fail("bytes follow its trailer");
}

void BlockReader::skip_to(std::uint64_t offset) {
  WEIR_ASSERT(offset >= offset_, "offset", offset, "at", offset_);
  has_skipped_ = has_skipped_ || offset > offset_;
  chunks_->skip(offset - offset_);
  offset_ = offset;
}

}  // namespace weir::inline v0::detail
