// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/export.hpp"
#include "weir/file_system.hpp"
#include "weir/testing/effects.hpp"

namespace weir::inline v0::testing {

/// A disk in memory that forgets what was not synced.
///
/// Everything that changes it is a numbered effect of `Effects`. After a crash, restart() keeps of
/// each file what was synced and a prefix, chosen by the seed, of what was written since; of each
/// change of a directory (a new name, a rename, a removal) that no sync_directory() covered, the
/// seed keeps some and drops others, each as a whole. Syncing a file does not make its name last.
///
///     Effects effects;
///     SimDisk disk{effects};
///     disk.create("a")->write("x");
///     disk.crash();                  // "a" may be gone, empty, or "x"
///
/// Paths are split at '/'; "." and empty parts count for nothing, so "/a" and "a" are the same.
/// Thread safety: as FileSystem; what the tests call to inject faults, too.
class WEIR_API SimDisk final : public FileSystem {
 public:
  struct Options {
    std::uint64_t seed = 1;
    /// Bytes of all files together; a write beyond them fails half-way. nullopt: no bound.
    std::optional<std::uint64_t> capacity_bytes;
    /// False: link() declines, as file systems without hard links do.
    bool has_links = true;
  };

  explicit SimDisk(Effects& effects) : SimDisk(effects, Options{}) {}
  SimDisk(Effects& effects, const Options& options);
  ~SimDisk() override;

  std::unique_ptr<WritableFile> create(const std::string& path) override;
  std::unique_ptr<WritableFile> open_append(const std::string& path) override;
  std::unique_ptr<ReadableFile> open_read(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  std::uint64_t file_size(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void create_directories(const std::string& directory) override;
  void sync_directory(const std::string& directory) override;
  void rename(const std::string& from, const std::string& to) override;
  bool link(const std::string& from, const std::string& to) override;
  void copy(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void remove_all(const std::string& path) override;
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view purpose) override;

  /// What the disk is after its machine lost power: call it when the process has died.
  void restart();
  /// The process and the machine die now, and start again: Effects::restart() included.
  void crash();

  void set_capacity(std::optional<std::uint64_t> bytes);
  /// Opening or reading the file fails from now on, or no longer.
  void set_unreadable(const std::string& path, bool is_unreadable);
  /// Every sync of a file fails from now on, or no longer.
  void set_sync_fails(bool fails);
  /// Flips one bit of a file, on the disk and in memory. Requires: the byte is there.
  void flip_bit(const std::string& path, std::uint64_t bit);

  /// Whole content of a file, and every file there is, for tests to look at. Not effects; they
  /// also work after a crash.
  std::string content(const std::string& path) const;
  std::vector<std::string> all_files() const;

 private:
  struct State;
  class Writer;
  class Reader;
  class Lock;

  std::shared_ptr<State> state_;  // Shared with open files, which may outlive the disk's owner.
};

}  // namespace weir::inline v0::testing
