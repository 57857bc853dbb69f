// SPDX-License-Identifier: Apache-2.0
#include <type_traits>
#include <utility>

#include "base/checksum.hpp"
#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/content_codec.hpp"
#include "weir/bytes.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

std::unique_ptr<ChunkReader> open(CheckpointStorage& storage, const std::string& file) {
  std::unique_ptr<ChunkReader> chunks = storage.get(file);
  if (chunks == nullptr) throw CorruptState("'" + file + "' is missing in the checkpoint storage");
  return chunks;
}

/// Decodes a block's payload, all of it.
template <class Decode>
auto decode_all(const BlockReader& blocks, std::string_view payload, Decode decode) {
  try {
    ByteReader in{payload};
    auto decoded = decode(in);
    if (!in.empty()) throw CorruptState("a block is longer than what is in it");
    return decoded;
  } catch (const CorruptState& error) {
    blocks.fail(error.what());
  }
}

/// What a section has turned out to be.
struct Tally {
  std::uint64_t bytes = 0;
  Checksum sum;

  void add(std::string_view payload) {
    bytes += payload.size();
    sum.add(payload);
  }
};

void check_section_end(const BlockReader& blocks, std::string_view payload, const Tally& found) {
  const auto [bytes, sum] = decode_all(blocks, payload, [](ByteReader& in) {
    const std::uint64_t length = in.varint();
    return std::pair{length, in.u64()};
  });
  if (bytes != found.bytes || sum != found.sum.value()) blocks.fail("a section is not whole");
}

/// Reads a file block by block, in the one order that they have.
class FileReader final {
 public:
  FileReader(CheckpointStorage& storage, const std::string& file, FileKind kind)
      : blocks_{open(storage, file), file, kind} {
    advance();
  }

  CheckpointContent read_head() {
    CheckpointContent content;
    content.identity = take(BlockKind::identity, decode_identity);
    content.topology = take(BlockKind::topology, decode_topology);
    while (is_at(BlockKind::split)) {
      content.splits.push_back(take(BlockKind::split, decode_split));
    }
    const NameTable names = take(BlockKind::names, decode_names);
    while (is_at(BlockKind::shard)) {
      content.shards.push_back(
          take(BlockKind::shard, [&](ByteReader& in) { return decode_shard(in, names); }));
    }
    while (is_at(BlockKind::participant)) {
      content.participants.push_back(take(BlockKind::participant, decode_participant));
    }
    return content;
  }

  /// Checks the sections, and returns where each shard's lies.
  std::vector<SectionRef> read_sections(std::size_t shards) {
    std::vector<SectionRef> found(shards);
    while (is_at(BlockKind::section_start)) read_section(found);
    const std::vector<SectionRef> listed =
        take(BlockKind::sections, [&](ByteReader& in) { return decode_table(in, blocks_.file()); });
    if (block_) blocks_.fail("a block follows the table of sections");
    if (listed != found) blocks_.fail("its table of sections does not fit what is there");
    return found;
  }

 private:
  static std::vector<SectionRef> decode_table(ByteReader& in, const std::string& file) {
    std::vector<SectionRef> sections;
    for (std::uint64_t left = in.varint(); left > 0; --left) {
      SectionRef section;
      section.offset = in.varint();
      section.bytes = in.varint();
      section.checksum = in.u64();
      if (section.bytes > 0) section.file = file;
      sections.push_back(std::move(section));
    }
    return sections;
  }

  void read_section(std::vector<SectionRef>& found) {
    const std::uint64_t offset = begin_;
    const std::uint64_t shard =
        take(BlockKind::section_start, [](ByteReader& in) { return in.varint(); });
    if (shard >= found.size()) blocks_.fail("a section is of an unknown shard");
    Tally tally;
    while (is_at(BlockKind::section_bytes)) {
      tally.add(block_->payload);
      advance();
    }
    if (!is_at(BlockKind::section_end)) blocks_.fail("a section has no end");
    check_section_end(blocks_, block_->payload, tally);
    advance();
    found[static_cast<std::size_t>(shard)] = {blocks_.file(), offset, tally.bytes,
                                              tally.sum.value()};
  }

  bool is_at(BlockKind kind) const { return block_ && block_->kind == kind; }

  template <class Decode>
  std::invoke_result_t<Decode, ByteReader&> take(BlockKind kind, Decode decode) {
    if (!is_at(kind)) blocks_.fail("its blocks are not in order");
    auto decoded = decode_all(blocks_, block_->payload, decode);
    advance();
    return decoded;
  }

  void advance() {
    begin_ = blocks_.offset();
    block_ = blocks_.next();
  }

  BlockReader blocks_;
  std::uint64_t begin_ = 0;
  std::optional<Block> block_;
};

/// The content of one section, without its frames.
class SectionReader final : public ChunkReader {
 public:
  SectionReader(std::unique_ptr<ChunkReader> chunks, SectionRef section, FileKind kind)
      : section_{std::move(section)}, blocks_{std::move(chunks), section_.file, kind} {
    blocks_.skip_to(section_.offset);
    if (next_block().kind != BlockKind::section_start) blocks_.fail("no section begins here");
  }

  std::string read(std::size_t limit) override {
    if (at_ == payload_.size() && !fill()) return {};
    std::string piece = payload_.substr(at_, limit);
    at_ += piece.size();
    return piece;
  }

 private:
  Block next_block() {
    std::optional<Block> block = blocks_.next();
    if (!block) blocks_.fail("a section has no end");
    return std::move(*block);
  }

  /// Gets the next piece. False at the end, which has been checked then.
  bool fill() {
    if (has_ended_) return false;
    Block block = next_block();
    if (block.kind == BlockKind::section_bytes) {
      tally_.add(block.payload);
      payload_ = std::move(block.payload);
      at_ = 0;
      return true;
    }
    if (block.kind != BlockKind::section_end) blocks_.fail("a section has no end");
    check_section_end(blocks_, block.payload, tally_);
    if (tally_.bytes != section_.bytes || tally_.sum.value() != section_.checksum) {
      blocks_.fail("a section is not the one that the checkpoint refers to");
    }
    has_ended_ = true;
    return false;
  }

  const SectionRef section_;
  BlockReader blocks_;
  std::string payload_;
  std::size_t at_ = 0;
  Tally tally_;
  bool has_ended_ = false;
};

/// A file of a base, checked while it is read.
class BaseFileReader final : public ChunkReader {
 public:
  BaseFileReader(std::unique_ptr<ChunkReader> chunks, FileRef file)
      : chunks_{std::move(chunks)}, file_{std::move(file)} {}

  std::string read(std::size_t limit) override {
    std::string piece = chunks_->read(limit);
    tally_.add(piece);
    const bool is_end = piece.empty() && limit > 0;
    if (is_end && (tally_.bytes != file_.bytes || tally_.sum.value() != file_.checksum)) {
      throw CorruptState("'" + file_.name + "' is not what the checkpoint refers to: it has " +
                         std::to_string(tally_.bytes) + " bytes of " + std::to_string(file_.bytes) +
                         ", or does not fit its checksum");
    }
    return piece;
  }

 private:
  const std::unique_ptr<ChunkReader> chunks_;
  const FileRef file_;
  Tally tally_;
};

}  // namespace

CheckpointContent read_checkpoint_head(CheckpointStorage& storage, const std::string& file) {
  return FileReader{storage, file, FileKind::checkpoint}.read_head();
}

CheckpointContent read_checkpoint_file(CheckpointStorage& storage, const std::string& file) {
  FileReader reader{storage, file, FileKind::checkpoint};
  CheckpointContent content = reader.read_head();
  const std::vector<SectionRef> sections = reader.read_sections(content.shards.size());
  for (std::size_t shard = 0; shard < sections.size(); ++shard) {
    if (sections[shard].bytes == 0) continue;
    content.shards[shard].deltas.push_back(
        {content.identity.name, content.identity.sequence, sections[shard]});
  }
  return content;
}

CheckpointContent read_savepoint_file(CheckpointStorage& storage, const std::string& file) {
  FileReader reader{storage, file, FileKind::savepoint};
  CheckpointContent content = reader.read_head();
  const std::vector<SectionRef> sections = reader.read_sections(content.shards.size());
  for (std::size_t shard = 0; shard < sections.size(); ++shard) {
    if (sections[shard].bytes == 0) continue;
    content.shards[shard].base =
        BaseRef{content.identity.name, content.identity.sequence, {}, {sections[shard]}};
  }
  return content;
}

std::unique_ptr<ChunkReader> open_section(CheckpointStorage& storage, const SectionRef& section,
                                          FileKind kind) {
  return std::make_unique<SectionReader>(open(storage, section.file), section, kind);
}

std::unique_ptr<ChunkReader> open_base_file(CheckpointStorage& storage, const FileRef& file) {
  return std::make_unique<BaseFileReader>(open(storage, file.name), file);
}

}  // namespace weir::inline v0::detail
