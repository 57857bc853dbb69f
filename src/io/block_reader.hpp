// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "weir/file_system.hpp"

namespace weir::inline v0::detail {

/// Some bytes that were read before, and have to be there still.
struct Witness {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
  std::uint64_t hash = 0;  ///< stable_hash of the bytes.
};

/// Reads a file or a pipe block by block. May block. One thread at a time, but for interrupt().
class BlockReader {
 public:
  virtual ~BlockReader() = default;
  /// Fills `block`, whose memory is used again. Returns false at the end. Throws: IoError.
  virtual bool read(std::string& block) = 0;
  /// Makes a read that waits return false; any thread.
  virtual void interrupt() {}
};

/// What a FileBlocks reads.
struct FileRange {
  std::string path;
  std::uint64_t begin = 0;
  std::uint64_t file_size = 0;  ///< Reads up to here.
  Witness witness;
};

struct FileBlocksOptions {
  std::size_t block_bytes = 0;
  bool keeps_open = true;  ///< False: opens the file for each block.
};

class FileBlocks final : public BlockReader {
 public:
  FileBlocks(FileSystem& files, FileRange range, FileBlocksOptions options);
  bool read(std::string& block) override;

 private:
  void open();
  void check_witness() const;

  FileSystem& files_;
  const FileRange range_;
  const FileBlocksOptions options_;
  std::uint64_t offset_;
  bool is_checked_ = false;
  std::unique_ptr<ReadableFile> file_;
};

/// Reads what a stream has at hand, and one line at a time when it has to wait.
class StreamBlocks final : public BlockReader {
 public:
  StreamBlocks(std::istream& stream, std::size_t block_bytes);
  bool read(std::string& block) override;

 private:
  std::istream& stream_;
  const std::size_t block_bytes_;
};

/// Reads a descriptor, which stays open; can be interrupted while it waits.
class DescriptorBlocks final : public BlockReader {
 public:
  DescriptorBlocks(int descriptor, std::size_t block_bytes);
  ~DescriptorBlocks() override;
  bool read(std::string& block) override;
  void interrupt() override;

 private:
  bool wait();

  const int descriptor_;
  const std::size_t block_bytes_;
  int interrupt_event_;
};

}  // namespace weir::inline v0::detail
