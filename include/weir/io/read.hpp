// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/io/format_source.hpp"
#include "weir/format.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::io {

/// What is read: files, and directories, which stand for the files in them sorted by name (not
/// those in directories below, nor hidden ones, whose names begin with a dot).
///
///     "clicks.json"    {"day-1.json", "day-2.json"}    "/var/log/clicks"
class Paths {
 public:
  Paths(std::string path) : all_{std::move(path)} {}  // NOLINT: conversion is wanted.
  Paths(const char* path) : all_{path} {}             // NOLINT: the same.
  Paths(std::vector<std::string> paths) : all_{std::move(paths)} {}  // NOLINT: the same.
  Paths(std::initializer_list<std::string> paths) : all_{paths} {}

  const std::vector<std::string>& all() const noexcept { return all_; }

 private:
  std::vector<std::string> all_;
};

struct ReadOptions {
  /// A record that is longer is a bad record, and the OnError policy decides; its first bytes go
  /// to a dead-letter sink. 1 byte to 1 GiB.
  std::size_t max_record_bytes = std::size_t{1} << 20;
  /// Cuts files into splits of about so many bytes, at line breaks, so that several workers read
  /// one file; 0: one split per file. At least 64 KiB. Not for CSV, where a line break may lie in
  /// a cell. Part of what a checkpoint fits: another value is refused at a restart.
  std::uint64_t split_bytes = 0;
  /// Bytes that the source's I/O thread reads ahead, for all files together; but 32 KiB for each
  /// file at least.
  std::size_t read_ahead_bytes = std::size_t{8} << 20;
  /// Passes over empty lines; else they are records: empty text, or bad ones.
  bool skip_empty_lines = false;
};

/// Records in files, one after the other in each: `format` says where one ends and how it is
/// decoded; what it refuses is a bad record. A last line needs no line break; `\r\n` is one too.
/// Numbers in messages count lines from 1, the header included (cells with line breaks count as
/// one; in a split of a file they count from where the split starts).
///
///     topology.source("clicks", weir::io::read("clicks/", weir::json<Click>()))
///
/// Bounded, replayable: positions are offsets. A file is read up to the size it had when it was
/// first opened; it must not change while a job reads it, nor before it is done. IoError, naming
/// the file, ends the attempt when it is not there, cannot be read, has become shorter, or is not
/// the one that the checkpoint was made with. Files that appear in a directory are seen at the next
/// start. Reads on one thread per source ("io <node>"), never on a worker.
template <class T>
std::shared_ptr<Source<T>> read(Paths paths, Format<T> format, const ReadOptions& options = {}) {
  const detail::RawOptions raw{format.framing(), !format.header().empty(), options.max_record_bytes,
                               options.split_bytes, options.read_ahead_bytes};
  return std::make_shared<detail::FileSource<T>>(
      paths.all(), std::move(format), raw,
      detail::DecodeOptions{options.skip_empty_lines, options.max_record_bytes});
}

/// Records in a stream, such as std::cin, as they come. At most once: what was read is gone after
/// a failure (is_replayable() is false). Ends where the stream ends. The stream outlives the job;
/// nobody else reads it meanwhile. std::cin is read from its file descriptor: nothing must have
/// been read from it before. Reads on a thread of its own; for other streams than std::cin, the end
/// of an attempt waits for the read under way. Only max_record_bytes and skip_empty_lines count.
template <class T>
std::shared_ptr<Source<T>> read(std::istream& stream, Format<T> format,
                                const ReadOptions& options = {}) {
  const detail::RawOptions raw{format.framing(), !format.header().empty(), options.max_record_bytes,
                               0, options.read_ahead_bytes};
  const detail::DecodeOptions decode{options.skip_empty_lines, options.max_record_bytes};
  const int descriptor = detail::descriptor_of(stream);
  if (descriptor < 0) {
    return std::make_shared<detail::StreamSource<T>>(stream, std::move(format), raw, decode);
  }
  return std::make_shared<detail::StreamSource<T>>(descriptor, std::move(format), raw, decode);
}

/// Lines of text in files; see read().
///
///     topology.source("lines", weir::io::read_lines("/usr/share/common-licenses"))
inline std::shared_ptr<Source<std::string>> read_lines(Paths paths,
                                                       const ReadOptions& options = {}) {
  return read(std::move(paths), text(), options);
}

/// Lines of text in a stream, such as std::cin; at most once, see read().
inline std::shared_ptr<Source<std::string>> read_lines(std::istream& stream,
                                                       const ReadOptions& options = {}) {
  return read(stream, text(), options);
}

}  // namespace weir::inline v0::io
