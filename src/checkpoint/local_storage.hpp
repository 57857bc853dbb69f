// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "weir/checkpoint_storage.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {

/// Checkpoints as files of a directory.
///
/// Invariants:
/// 1. A file under its own name is whole and durable, or was never reported as stored: it gets that
///    name after its sync, and put_*() returns after the sync of the directory.
/// 2. A directory is durable, with its name, before a file in it is read or reported as stored.
/// 3. A file is never changed: readers need no lock.
class LocalStorage final : public CheckpointStorage {
 public:
  LocalStorage(std::string directory, std::shared_ptr<FileSystem> files);

  bool put_if_absent(const std::string& name, const ChunkProducer& producer) override;
  bool put_file_if_absent(const std::string& name, const std::string& local_path) override;
  std::unique_ptr<ChunkReader> get(const std::string& name) override;
  bool get_file(const std::string& name, const std::string& local_path) override;
  std::vector<std::string> list(const std::string& prefix) override;
  void remove(const std::string& name) override;
  std::shared_ptr<void> lock(const std::string& prefix) override;

 private:
  std::string path_of(const std::string& name) const;
  void settle(const std::string& directory);
  std::string temporary_for(const std::string& path);
  bool publish(const std::string& temporary, const std::string& path);
  void remove_temporaries(const std::string& directory);
  void collect(const std::string& directory, const std::string& prefix,
               std::vector<std::string>& names);

  const std::string directory_;
  const std::shared_ptr<FileSystem> files_;  // Shared with the job that the storage serves.
  std::atomic<std::uint64_t> next_temporary_{1};
  // Held between looking whether a name is free and taking it, and for settled_. Here, because
  // calls come from several threads and a rename would replace what another one has just stored.
  std::mutex mutex_;
  std::set<std::string> settled_;  // Directories known to be durable.
};

}  // namespace weir::inline v0::detail
