// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/file_system.hpp"

namespace weir::inline v0::base {

/// Throws IoError for the last failed call: "cannot write to '/a/b': No space left on device ...".
[[noreturn]] void throw_io_error(std::string_view operation, const std::string& path);
/// The same for an error number that was kept.
[[noreturn]] void throw_io_error(std::string_view operation, const std::string& path, int error);

/// An open file of the system, closed at the end.
class FileDescriptor final {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) noexcept : descriptor_{descriptor} {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_{other.release()} {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor();

  int get() const noexcept { return descriptor_; }
  int release() noexcept;

 private:
  int descriptor_ = -1;
};

/// Opens, or throws IoError. `flags` and `mode` as for open(2).
FileDescriptor open_file(const std::string& path, int flags, std::string_view operation);

class PosixWritableFile final : public WritableFile {
 public:
  /// The file's offset is at its end, which is `size`.
  PosixWritableFile(FileDescriptor file, std::string path, std::uint64_t size);

  void write(std::string_view bytes) override;
  void sync() override;
  void truncate(std::uint64_t size) override;
  std::uint64_t size() const override { return size_; }
  void close() override;

 private:
  FileDescriptor file_;
  const std::string path_;
  std::uint64_t size_;
  int sync_error_ = 0;  // Of the first sync that failed.
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(FileDescriptor file, std::string path);

  std::string read_at(std::uint64_t offset, std::size_t count) const override;
  std::size_t read_at(std::uint64_t offset, char* to, std::size_t count) const override;
  std::uint64_t size() const override;

 private:
  const FileDescriptor file_;
  const std::string path_;
};

}  // namespace weir::inline v0::base
