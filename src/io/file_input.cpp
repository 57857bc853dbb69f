// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <limits>
#include <set>
#include <utility>

#include "io/block_feed.hpp"
#include "io/record_cutter.hpp"
#include "weir/detail/io/raw_reader.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 30;
constexpr std::uint64_t kMinSplitBytes = 64 * 1024;
constexpr std::size_t kMinBlockBytes = 16 * 1024;
constexpr std::size_t kMaxBlockBytes = 256 * 1024;
/// With more files than this, each is opened anew for each block.
constexpr std::size_t kOpenFilesMax = 256;

std::vector<std::string> faults_of(const RawOptions& options) {
  std::vector<std::string> faults;
  if (options.max_record_bytes == 0 || options.max_record_bytes > kMaxRecordBytes) {
    faults.push_back("max_record_bytes is " + std::to_string(options.max_record_bytes) +
                     "; it must be 1 to " + std::to_string(kMaxRecordBytes));
  }
  if (options.split_bytes != 0 && options.split_bytes < kMinSplitBytes) {
    faults.push_back("split_bytes is " + std::to_string(options.split_bytes) +
                     "; it must be 0 (one split per file) or " + std::to_string(kMinSplitBytes) +
                     " and more");
  }
  if (options.split_bytes != 0 && options.framing == Framing::quoted_lines) {
    faults.push_back("split_bytes is " + std::to_string(options.split_bytes) +
                     " for a format whose records may contain line breaks; it must be 0");
  }
  return faults;
}

/// A part of a file, as named by its split: "a.txt" or "a.txt@65536+65536".
struct FilePart {
  std::string path;
  std::uint64_t begin = 0;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
};

std::string split_name(const std::string& path, std::uint64_t begin, std::uint64_t length) {
  return path + "@" + std::to_string(begin) + "+" + std::to_string(length);
}

FilePart part_of(const SplitId& split, std::uint64_t split_bytes) {
  if (split_bytes == 0) return {split.value};
  const std::size_t at = split.value.rfind('@');
  const std::string path = split.value.substr(0, at);
  std::uint64_t begin = 0;
  for (std::size_t i = at + 1; at < split.value.size() && i < split.value.size(); ++i) {
    const char digit = split.value[i];
    if (digit < '0' || digit > '9') break;
    begin = begin * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  if (split.value == split_name(path, begin, split_bytes)) {
    return {path, begin, begin + split_bytes};
  }
  throw IncompatibleState("split '" + split.value +
                          "' was not made with split_bytes = " + std::to_string(split_bytes) +
                          "; go on with the options that the job began with");
}

/// Blocks of a reader: on the I/O thread, or right here.
std::unique_ptr<BlockFeed> feed_of(std::unique_ptr<BlockReader> reader,
                                   const std::shared_ptr<ReadAhead>& thread,
                                   const std::function<void()>& wake) {
  if (thread == nullptr) return std::make_unique<InlineFeed>(std::move(reader));
  return thread->open(std::move(reader), wake);
}

}  // namespace

FileInput::FileInput(std::vector<std::string> paths, RawOptions options)
    : paths_{std::move(paths)}, options_{options} {}
FileInput::~FileInput() = default;

std::vector<std::string> FileInput::faults() const {
  std::vector<std::string> faults = faults_of(options_);
  if (paths_.empty()) faults.emplace_back("there is no path to read from; name at least one");
  std::set<std::string> seen;
  for (const std::string& path : paths_) {
    if (path.empty()) faults.emplace_back("a path to read from is empty");
    if (!seen.insert(path).second) faults.push_back("'" + path + "' is to be read twice");
  }
  return faults;
}

std::vector<std::string> FileInput::files(FileSystem& files) const {
  std::vector<std::string> found;
  for (const std::string& path : paths_) {
    if (!files.exists(path)) throw IoError("'" + path + "' is to be read and is not there");
    if (!files.is_directory(path)) {
      found.push_back(path);
      continue;
    }
    for (const std::string& name : files.list(path)) {
      const std::string file = join_path(path, name);
      if (name.front() != '.' && !files.is_directory(file)) found.push_back(file);
    }
  }
  return found;
}

std::vector<SplitId> FileInput::splits(const SourceContext& context) {
  std::vector<SplitId> splits;
  for (const std::string& path : files(*context.files)) {
    if (options_.split_bytes == 0) {
      splits.push_back({path});
      continue;
    }
    const std::uint64_t size = context.files->file_size(path);
    for (std::uint64_t begin = 0; begin == 0 || begin < size; begin += options_.split_bytes) {
      splits.push_back({split_name(path, begin, options_.split_bytes)});
    }
  }
  split_count_ = std::max<std::size_t>(splits.size(), 1);
  return splits;
}

std::unique_ptr<RawReader> FileInput::open(const SplitId& split,
                                           const std::optional<Position>& position,
                                           const SourceContext& context) {
  const FilePart part = part_of(split, options_.split_bytes);
  CutterOptions options;
  options.label = part.path;
  options.raw = options_;
  options.end = part.end;
  if (position) {
    options.start = FilePosition::decode(*position);
  } else {
    options.start.offset = part.begin;
    options.start.file_size = context.files->file_size(part.path);
  }
  options.starts_inside = part.begin > 0 && options.start.offset == part.begin;
  std::shared_ptr<ReadAhead> thread = read_ahead_.lock();
  if (thread == nullptr && !context.inline_io) {
    thread = std::make_shared<ReadAhead>("io " + context.node);
    read_ahead_ = thread;
  }
  FileBlocksOptions blocks;
  blocks.block_bytes = std::clamp(options_.read_ahead_bytes / (ReadAhead::kDepth * split_count_),
                                  kMinBlockBytes, kMaxBlockBytes);
  blocks.keeps_open = split_count_ <= kOpenFilesMax;
  options.open_feed = [files = context.files, wake = context.wake, start = options.start, blocks,
                       path = part.path, thread](std::uint64_t offset) {
    return feed_of(std::make_unique<FileBlocks>(
                       *files, FileRange{path, offset, start.file_size, start.witness}, blocks),
                   thread, wake);
  };
  return std::make_unique<RecordCutter>(std::move(options));
}

StreamInput::StreamInput(std::istream& stream, RawOptions options)
    : stream_{&stream}, options_{options}, header_{std::make_shared<std::string>()} {}
StreamInput::StreamInput(int descriptor, RawOptions options)
    : descriptor_{descriptor}, options_{options}, header_{std::make_shared<std::string>()} {}
StreamInput::~StreamInput() = default;

std::vector<std::string> StreamInput::faults() const { return faults_of(options_); }

std::unique_ptr<RawReader> StreamInput::open(const SourceContext& context) {
  CutterOptions options;
  options.label = "input";
  options.raw = options_;
  options.is_live = true;
  options.known_header = options_.has_header ? header_ : nullptr;
  options.open_feed = [this, context](std::uint64_t) {
    std::unique_ptr<BlockReader> reader;
    if (stream_ != nullptr) {
      reader = std::make_unique<StreamBlocks>(*stream_, kMinBlockBytes);
    } else {
      reader = std::make_unique<DescriptorBlocks>(descriptor_, kMinBlockBytes);
    }
    const auto thread =
        context.inline_io ? nullptr : std::make_shared<ReadAhead>("io " + context.node);
    return feed_of(std::move(reader), thread, context.wake);
  };
  return std::make_unique<RecordCutter>(std::move(options));
}

int descriptor_of(const std::istream& stream) { return &stream == &std::cin ? 0 : -1; }

void throw_bad_header(const RawReader& reader, const std::string& reason) {
  throw IoError("'" + reader.label() +
                "' cannot be read: its first line is not the header of such a file: " + reason);
}

std::string too_long_reason(std::size_t max_record_bytes) {
  return "the record has more than " + std::to_string(max_record_bytes) +
         " bytes; raise max_record_bytes if that is right";
}

}  // namespace weir::inline v0::detail
