// SPDX-License-Identifier: Apache-2.0
#include "testing/sim_tree.hpp"

#include <algorithm>
#include <set>

#include "weir/error.hpp"

namespace weir::inline v0::testing {
namespace {

void assign(std::map<std::string, SimNodePtr>& entries, const SimTree::Assignment& assignment) {
  if (assignment.target == nullptr) {
    entries.erase(assignment.name);
  } else {
    entries[assignment.name] = assignment.target;
  }
}

/// How likely an unsynced thing survives: all do, none do, or each by itself.
double draw_survival(Random& random) {
  constexpr double kChances[] = {0.0, 0.5, 1.0};
  return kChances[random.below(3)];
}

/// What a crash leaves of a file's content.
std::string settle(const SimNode& file, double survival, Random& random) {
  if (!random.chance(survival)) {
    if (file.shortest >= file.durable.size() || random.chance(0.5)) return file.durable;
    return file.durable.substr(0, file.shortest);
  }
  const std::size_t added = file.content.size() - std::min(file.content.size(), file.shortest);
  const std::size_t kept =
      survival >= 1.0 ? added : static_cast<std::size_t>(random.below(added + 1));
  // As far as the disk's own bytes were not cut off, they are still there.
  const std::size_t from_disk = std::min(file.shortest, file.durable.size());
  return file.content.substr(0, from_disk + kept);
}

void settle_tree(SimNode& node, double survival, Random& random, std::set<SimNode*>& done) {
  if (!done.insert(&node).second) return;  // A file with two names settles once.
  node.lock_holder.clear();
  node.is_sync_broken = false;
  if (!node.is_directory) {
    node.content = settle(node, survival, random);
    node.durable = node.content;
    node.shortest = node.content.size();
    return;
  }
  node.entries = node.durable_entries;
  for (const auto& [name, entry] : node.entries) settle_tree(*entry, survival, random, done);
}

void visit_files(const SimNode& directory, const std::string& prefix,
                 const std::function<void(const std::string&, SimNode&)>& visit) {
  for (const auto& [name, node] : directory.entries) {
    if (node->is_directory) {
      visit_files(*node, prefix + name + "/", visit);
    } else {
      visit(prefix + name, *node);
    }
  }
}

}  // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

SimTree::SimTree() : root_{std::make_shared<SimNode>()} { root_->is_directory = true; }

SimNodePtr SimTree::find(const std::string& path) const {
  SimNodePtr node = root_;
  for (const std::string& part : split_path(path)) {
    const auto entry = node->entries.find(part);
    if (entry == node->entries.end()) return nullptr;
    node = entry->second;
  }
  return node;
}

std::pair<SimNodePtr, std::string> SimTree::parent_of(const std::string& path) const {
  std::vector<std::string> parts = split_path(path);
  if (parts.empty()) throw IoError("'" + path + "' names no file");
  const std::string name = std::move(parts.back());
  SimNodePtr node = root_;
  for (std::size_t index = 0; index + 1 < parts.size(); ++index) {
    const auto entry = node->entries.find(parts[index]);
    if (entry == node->entries.end() || !entry->second->is_directory) {
      throw IoError("cannot open '" + path + "': No such file or directory");
    }
    node = entry->second;
  }
  return {node, name};
}

void SimTree::change(std::vector<Assignment> assignments) {
  for (const Assignment& assignment : assignments) {
    assign(assignment.directory->entries, assignment);
  }
  pending_.push_back(std::move(assignments));
}

void SimTree::sync_file(SimNode& file) const {
  file.durable = file.content;
  file.shortest = file.content.size();
}

void SimTree::sync_directory(const SimNodePtr& directory) {
  for (auto& assignments : pending_) {
    for (const Assignment& assignment : assignments) {
      if (assignment.directory == directory) assign(directory->durable_entries, assignment);
    }
    std::erase_if(assignments,
                  [&](const Assignment& assignment) { return assignment.directory == directory; });
  }
  std::erase_if(pending_, [](const auto& assignments) { return assignments.empty(); });
}

void SimTree::crash(Random& random) {
  const double names_survive = draw_survival(random);
  for (const auto& assignments : pending_) {
    if (!random.chance(names_survive)) continue;
    for (const Assignment& assignment : assignments) {
      assign(assignment.directory->durable_entries, assignment);
    }
  }
  pending_.clear();
  std::set<SimNode*> done;
  settle_tree(*root_, draw_survival(random), random, done);
}

void SimTree::for_each_file(const std::function<void(const std::string&, SimNode&)>& visit) const {
  visit_files(*root_, "", visit);
}

std::uint64_t SimTree::bytes() const {
  std::uint64_t sum = 0;
  for_each_file([&](const std::string&, const SimNode& file) { sum += file.content.size(); });
  return sum;
}

}  // namespace weir::inline v0::testing
