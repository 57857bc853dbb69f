// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/export.hpp"

namespace weir::inline v0 {

class FileSystem;

/// Writes the next piece of a stored object.
using ChunkSink = std::function<void(std::string_view chunk)>;
/// Produces a stored object piece by piece, so that none has to be in memory whole.
using ChunkProducer = std::function<void(const ChunkSink& sink)>;

/// An object under way from storage: reads it front to back.
class WEIR_API ChunkReader {
 public:
  virtual ~ChunkReader() = default;
  /// The next bytes, at most `limit`; empty at the end. Throws IoError.
  virtual std::string read(std::size_t limit) = 0;
  /// Leaves out the next `bytes` bytes, or all that are left. Throws IoError. As it stands here it
  /// reads them; who can do better does.
  virtual void skip(std::uint64_t bytes) {
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
    while (bytes > 0) {
      const std::string piece = read(static_cast<std::size_t>(std::min(bytes, kPiece)));
      if (piece.empty()) return;
      bytes -= piece.size();
    }
  }
};

/// Where checkpoints lie: a directory, an object store. Names are relative, with '/' between
/// parts, and are never used twice. Calls may come from several threads.
class WEIR_API CheckpointStorage {
 public:
  virtual ~CheckpointStorage() = default;

  /// Stores an object, whole or not at all, durable on return. False when the name exists.
  virtual bool put_if_absent(const std::string& name, const ChunkProducer& producer) = 0;
  /// The same with a local file as the content; may link it instead of copying.
  virtual bool put_file_if_absent(const std::string& name, const std::string& local_path) = 0;
  /// Opens an object. Null when there is none.
  virtual std::unique_ptr<ChunkReader> get(const std::string& name) = 0;
  /// Brings an object to a local path, which must not exist; may link. False when there is none.
  virtual bool get_file(const std::string& name, const std::string& local_path) = 0;
  /// Names that start with `prefix`, sorted.
  virtual std::vector<std::string> list(const std::string& prefix) = 0;
  /// Removes an object; no error when there is none.
  virtual void remove(const std::string& name) = 0;
  /// Takes the exclusive right to write under `prefix` until the returned handle goes.
  /// Throws LockedError naming the holder.
  virtual std::shared_ptr<void> lock(const std::string& prefix) = 0;
};

/// Checkpoints in a local directory, which is made, mode 0700, when the first object is stored.
///
/// An object gets a temporary name, is synced, and then renamed; then the directory is synced. What
/// a crash leaves of temporary files under a prefix goes when that prefix is locked the next time.
/// Names are paths below `directory`; a part of a name that starts with '.' is refused.
/// `files`: the door to use; null: the machine's own files. Several processes may share a directory
/// as long as each writes under prefixes that it has locked.
WEIR_API std::shared_ptr<CheckpointStorage> local_storage(
    std::string directory, std::shared_ptr<FileSystem> files = nullptr);

}  // namespace weir::inline v0
