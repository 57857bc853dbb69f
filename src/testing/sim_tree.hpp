// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/random.hpp"

namespace weir::inline v0::testing {

struct SimNode;
/// Shared as on a real disk: a node lives as long as a name, a pending change or an open file.
using SimNodePtr = std::shared_ptr<SimNode>;

/// A file or directory, as the process sees it and as the disk has it.
struct SimNode {
  bool is_directory = false;
  bool is_unreadable = false;
  bool is_sync_broken = false;
  std::string lock_holder;  ///< Empty: not locked.

  std::string content;
  std::string durable;
  /// The shortest that the content has been since the last sync: what lies before it is as synced.
  std::size_t shortest = 0;

  std::map<std::string, SimNodePtr> entries;
  std::map<std::string, SimNodePtr> durable_entries;
};

/// The names and nodes of a simulated disk, with the changes that are not durable yet.
/// Not thread-safe.
class SimTree final {
 public:
  SimTree();

  /// Null when there is none.
  SimNodePtr find(const std::string& path) const;
  /// The directory that holds the last part of the path, and that part. Throws: IoError.
  std::pair<SimNodePtr, std::string> parent_of(const std::string& path) const;

  /// One change of names: durable as a whole or not at all, until a part of it is synced.
  struct Assignment {
    SimNodePtr directory;
    std::string name;
    SimNodePtr target;  ///< Null: the name goes.
  };
  void change(std::vector<Assignment> assignments);

  void sync_file(SimNode& file) const;
  void sync_directory(const SimNodePtr& directory);

  /// Keeps what is durable, and of the rest what `random` says.
  void crash(Random& random);

  /// Every file with its path, sorted by path.
  void for_each_file(const std::function<void(const std::string&, SimNode&)>& visit) const;
  std::uint64_t bytes() const;

 private:
  SimNodePtr root_;
  std::vector<std::vector<Assignment>> pending_;
};

/// The parts of a path, without empty ones and ".".
std::vector<std::string> split_path(std::string_view path);

}  // namespace weir::inline v0::testing
