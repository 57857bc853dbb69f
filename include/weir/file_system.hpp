// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// A file that grows at its end. Not thread-safe. Every call throws IoError when the file system
/// refuses; the destructor closes without an error and without a sync.
class WEIR_API WritableFile {
 public:
  virtual ~WritableFile() = default;

  /// Appends all of `bytes`. After an IoError a part of them may be in the file.
  virtual void write(std::string_view bytes) = 0;

  /// Returns when what was written survives a power failure. That the file *is* there survives
  /// only after sync_directory(). After a failed sync every later one fails too: the system may
  /// have dropped what it could not write.
  virtual void sync() = 0;

  /// Cuts the file off, or fills it with zeros, at `size` bytes; the next write goes there.
  virtual void truncate(std::uint64_t size) = 0;

  /// Bytes in the file.
  virtual std::uint64_t size() const = 0;

  /// Closes; any other call afterwards but size() is an error. Does not sync.
  virtual void close() = 0;
};

/// A file that is read at any place. Thread-safe.
class WEIR_API ReadableFile {
 public:
  virtual ~ReadableFile() = default;

  /// Up to `count` bytes from `offset`; fewer, or none, only where the file ends. Throws: IoError.
  virtual std::string read_at(std::uint64_t offset, std::size_t count) const = 0;

  /// The same into memory of the caller; returns how many bytes. Throws: IoError.
  virtual std::size_t read_at(std::uint64_t offset, char* to, std::size_t count) const = 0;

  /// Bytes in the file now. Throws: IoError.
  virtual std::uint64_t size() const = 0;
};

/// Holds a lock until it is destroyed.
class WEIR_API FileLock {
 public:
  virtual ~FileLock() = default;
};

/// The door through which weir touches files. Tests pass one in memory that forgets what was not
/// synced.
///
/// Thread safety: any thread, at any time. Paths are as the system takes them; relative ones start
/// at the working directory. Unless said otherwise, calls throw IoError with the operation, the
/// path and the system's reason.
class WEIR_API FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// A new file. Throws IoError if the path exists.
  virtual std::unique_ptr<WritableFile> create(const std::string& path) = 0;
  /// A file that goes on at its end; a new one if there is none.
  virtual std::unique_ptr<WritableFile> open_append(const std::string& path) = 0;
  /// An existing file.
  virtual std::unique_ptr<ReadableFile> open_read(const std::string& path) = 0;

  virtual bool exists(const std::string& path) = 0;
  virtual bool is_directory(const std::string& path) = 0;
  virtual std::uint64_t file_size(const std::string& path) = 0;

  /// The names in a directory, sorted, without "." and "..".
  virtual std::vector<std::string> list(const std::string& directory) = 0;
  /// Makes a directory and those above it, each for its owner only (mode 0700). No error if it is
  /// there already.
  virtual void create_directories(const std::string& directory) = 0;
  /// Returns when the names in a directory (new files, renames, removals) survive a power failure.
  virtual void sync_directory(const std::string& directory) = 0;

  /// Gives a file another name in the same file system, and replaces what had it.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  /// Gives a file a second name (a hard link). Returns false where that cannot be done: another
  /// file system, or one without links. Throws IoError if `to` exists.
  virtual bool link(const std::string& from, const std::string& to) = 0;
  /// Copies a file's content into a new file and syncs that. Throws IoError if `to` exists.
  virtual void copy(const std::string& from, const std::string& to) = 0;
  /// Removes a file or an empty directory. Returns false if there was none.
  virtual bool remove(const std::string& path) = 0;
  /// Removes a file, or a directory with all in it; symbolic links are removed, not followed. No
  /// error if there is none.
  virtual void remove_all(const std::string& path) = 0;

  /// Takes an exclusive lock on a file, made if need be, against other processes and against this
  /// one. The file names its holder: process, host and `purpose`. It stays when the lock goes; a
  /// crash frees the lock. Throws: LockedError with the holder, if another has it.
  virtual std::unique_ptr<FileLock> lock(const std::string& path, std::string_view purpose) = 0;
};

/// The folder and the name as one path: join_path("a", "b") is "a/b".
WEIR_API std::string join_path(std::string_view directory, std::string_view name);
/// The folder of a path: parent_path("a/b") is "a", of "b" it is ".".
WEIR_API std::string parent_path(std::string_view path);

/// The machine's own files.
WEIR_API std::unique_ptr<FileSystem> posix_file_system();

}  // namespace weir::inline v0
