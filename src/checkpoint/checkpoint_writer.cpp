// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/content_codec.hpp"
#include "weir/bytes.hpp"
#include "weir/detail/assert.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {
namespace {

/// Streams are cut into blocks of this size: what a reader holds in memory.
constexpr std::size_t kSectionBlockBytes = std::size_t{1} << 17;

/// Writes one file, front to back.
class FileWriter final {
 public:
  FileWriter(const ChunkSink& sink, FileKind kind, std::string file)
      : blocks_{sink, kind}, file_{std::move(file)} {}

  void write_head(const CheckpointContent& content) {
    write(BlockKind::identity, content.identity);
    write(BlockKind::topology, content.topology);
    for (const SplitRecord& split : content.splits) write(BlockKind::split, split);
    write_shards(content.shards);
    for (const ParticipantRecord& each : content.participants) write(BlockKind::participant, each);
  }

  /// Where the section of shard number `shard` lies; no bytes: it has none.
  SectionRef write_section(std::size_t shard, const ChunkProducer& producer) {
    if (!producer) return {};
    SectionRef section{file_, blocks_.offset(), 0, 0};
    Checksum sum;
    std::string waiting;
    const auto flush = [&] {
      if (section.bytes == 0) start_section(shard);
      sum.add(waiting);
      section.bytes += waiting.size();
      blocks_.write(BlockKind::section_bytes, waiting);
      waiting.clear();
    };
    producer([&](std::string_view chunk) {
      while (!chunk.empty()) {
        const std::size_t taken = std::min(chunk.size(), kSectionBlockBytes - waiting.size());
        waiting.append(chunk.substr(0, taken));
        chunk.remove_prefix(taken);
        if (waiting.size() == kSectionBlockBytes) flush();
      }
    });
    if (!waiting.empty()) flush();
    if (section.bytes == 0) return {};
    section.checksum = sum.value();
    end_section(section);
    return section;
  }

  /// The table of sections, and the trailer. Returns the bytes of the file.
  std::uint64_t finish(const std::vector<SectionRef>& sections) {
    ByteWriter table;
    table.varint(sections.size());
    for (const SectionRef& section : sections) {
      table.varint(section.offset);
      table.varint(section.bytes);
      table.u64(section.checksum);
    }
    blocks_.write(BlockKind::sections, table.view());
    blocks_.finish();
    return blocks_.offset();
  }

 private:
  template <class T>
  void write(BlockKind kind, const T& item) {
    buffer_.clear();
    encode(buffer_, item);
    blocks_.write(kind, buffer_.view());
  }

  /// The names come first, and are known only when the shards have been encoded.
  void write_shards(const std::vector<ShardRecord>& shards) {
    NameTable names;
    std::vector<std::string> encoded;
    for (const ShardRecord& shard : shards) {
      buffer_.clear();
      encode(buffer_, shard, names);
      encoded.emplace_back(buffer_.view());
    }
    write(BlockKind::names, names);
    for (const std::string& shard : encoded) blocks_.write(BlockKind::shard, shard);
  }

  void start_section(std::size_t shard) {
    ByteWriter start;
    start.varint(shard);
    blocks_.write(BlockKind::section_start, start.view());
  }

  void end_section(const SectionRef& section) {
    ByteWriter end;
    end.varint(section.bytes);
    end.u64(section.checksum);
    blocks_.write(BlockKind::section_end, end.view());
  }

  BlockWriter blocks_;
  const std::string file_;
  ByteWriter buffer_;
};

struct Written {
  std::uint64_t bytes = 0;
  std::vector<SectionRef> sections;
};

std::optional<Written> write_file(CheckpointStorage& storage, const std::string& file,
                                  FileKind kind, const auto& write_content) {
  Written written;
  const bool is_new = storage.put_if_absent(file, [&](const ChunkSink& sink) {
    FileWriter writer{sink, kind, file};
    written = write_content(writer);
  });
  if (!is_new) return std::nullopt;
  return written;
}

Written write_all(FileWriter& writer, const CheckpointContent& content,
                  const std::vector<ChunkProducer>& sections) {
  WEIR_ASSERT(sections.size() == content.shards.size(), "sections", sections.size(), "shards",
              content.shards.size());
  Written written;
  writer.write_head(content);
  for (std::size_t shard = 0; shard < sections.size(); ++shard) {
    written.sections.push_back(writer.write_section(shard, sections[shard]));
  }
  written.bytes = writer.finish(written.sections);
  return written;
}

FileRef stored(CheckpointStorage& storage, FileRef file, const ChunkProducer& producer) {
  Checksum sum;
  const bool is_new = storage.put_if_absent(file.name, [&](const ChunkSink& sink) {
    producer([&](std::string_view chunk) {
      sum.add(chunk);
      file.bytes += chunk.size();
      sink(chunk);
    });
  });
  if (!is_new) throw IoError("'" + file.name + "' is in the checkpoint storage already");
  file.checksum = sum.value();
  return file;
}

}  // namespace

std::optional<std::uint64_t> write_checkpoint_file(CheckpointStorage& storage,
                                                   const std::string& file,
                                                   CheckpointContent& content,
                                                   const std::vector<ChunkProducer>& sections) {
  const auto written = write_file(storage, file, FileKind::checkpoint, [&](FileWriter& writer) {
    return write_all(writer, content, sections);
  });
  if (!written) return std::nullopt;
  for (std::size_t shard = 0; shard < sections.size(); ++shard) {
    if (written->sections[shard].bytes == 0) continue;
    content.shards[shard].deltas.push_back(
        {content.identity.name, content.identity.sequence, written->sections[shard]});
  }
  return written->bytes;
}

std::optional<std::uint64_t> write_savepoint_file(CheckpointStorage& storage,
                                                  const std::string& file,
                                                  CheckpointContent& content,
                                                  const std::vector<ChunkProducer>& sections) {
  for (ShardRecord& shard : content.shards) {
    shard.base.reset();
    shard.deltas.clear();
  }
  const auto written = write_file(storage, file, FileKind::savepoint, [&](FileWriter& writer) {
    return write_all(writer, content, sections);
  });
  if (!written) return std::nullopt;
  for (std::size_t shard = 0; shard < sections.size(); ++shard) {
    if (written->sections[shard].bytes == 0) continue;
    content.shards[shard].base =
        BaseRef{content.identity.name, content.identity.sequence, {}, {written->sections[shard]}};
  }
  return written->bytes;
}

FileRef store_base_stream(CheckpointStorage& storage, const std::string& name,
                          const ChunkProducer& producer) {
  return stored(storage, {name, 0, 0}, producer);
}

FileRef store_base_file(CheckpointStorage& storage, const std::string& name,
                        const std::string& local_path, FileSystem& files) {
  FileRef file{name, 0, 0};
  Checksum sum;
  const auto local = files.open_read(local_path);
  while (true) {
    const std::string piece = local->read_at(file.bytes, kSectionBlockBytes);
    if (piece.empty()) break;
    sum.add(piece);
    file.bytes += piece.size();
  }
  file.checksum = sum.value();
  if (!storage.put_file_if_absent(name, local_path)) {
    throw IoError("'" + name + "' is in the checkpoint storage already");
  }
  return file;
}

}  // namespace weir::inline v0::detail
