// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/sim_disk.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "testing/sim_tree.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::testing {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

[[noreturn]] void fail(std::string_view operation, const std::string& path,
                       std::string_view reason) {
  throw IoError("cannot " + std::string{operation} + " '" + path + "': " + std::string{reason});
}

}  // namespace

struct SimDisk::State {
  State(Effects& world, const Options& given)
      : effects{world}, options{given}, random{given.seed} {}

  /// A change of the disk: numbered, and nothing of it in a dead process.
  template <class Action>
  auto effect(std::string_view operation, const std::string& path, Action&& action) {
    return effects.run(operation, path, [&] {
      const std::lock_guard lock{mutex};
      return action();
    });
  }

  SimNodePtr file_at(std::string_view operation, const std::string& path) const {
    SimNodePtr node = tree.find(path);
    if (node == nullptr) fail(operation, path, "No such file or directory");
    if (node->is_directory) fail(operation, path, "Is a directory");
    if (node->is_unreadable) fail(operation, path, "Permission denied");
    return node;
  }

  SimNodePtr directory_at(std::string_view operation, const std::string& path) const {
    SimNodePtr node = tree.find(path);
    if (node == nullptr) fail(operation, path, "No such file or directory");
    if (!node->is_directory) fail(operation, path, "Not a directory");
    return node;
  }

  SimNodePtr make_file(const std::string& path) {
    const auto [parent, name] = tree.parent_of(path);
    if (parent->entries.contains(name)) fail("create", path, "File exists");
    auto node = std::make_shared<SimNode>();
    tree.change({{parent, name, node}});
    return node;
  }

  /// Appends what there is room for. Returns whether that is everything.
  bool append(SimNode& file, std::string_view bytes) const {
    std::size_t room = bytes.size();
    if (options.capacity_bytes) {
      const std::uint64_t used = tree.bytes();
      const std::uint64_t left = *options.capacity_bytes - std::min(*options.capacity_bytes, used);
      room = static_cast<std::size_t>(std::min<std::uint64_t>(room, left));
    }
    file.content.append(bytes.substr(0, room));
    return room == bytes.size();
  }

  Effects& effects;
  mutable std::mutex mutex;  // Guards what follows; a fake of shared hardware is shared, too.
  Options options;
  Random random;
  SimTree tree;
  bool sync_fails = false;
};

class SimDisk::Writer final : public WritableFile {
 public:
  Writer(std::shared_ptr<State> state, SimNodePtr node, std::string path)
      : state_{std::move(state)},
        node_{std::move(node)},
        path_{std::move(path)},
        generation_{state_->effects.generation()} {}

  void write(std::string_view bytes) override {
    check_open("write to");
    const bool is_whole =
        state_->effect("write", path_, [&] { return state_->append(*node_, bytes); });
    if (!is_whole) fail("write to", path_, "No space left on device (the disk is full)");
  }

  void sync() override {
    check_open("sync");
    state_->effect("sync", path_, [&] {
      if (state_->sync_fails) node_->is_sync_broken = true;
      if (node_->is_sync_broken) fail("sync", path_, "Input/output error");
      state_->tree.sync_file(*node_);
    });
  }

  void truncate(std::uint64_t size) override {
    check_open("truncate");
    state_->effect("truncate", path_, [&] {
      node_->content.resize(static_cast<std::size_t>(size), '\0');
      // What the system may have dropped is cut off: the rest is known to be on the disk.
      if (size <= node_->shortest) node_->is_sync_broken = false;
      node_->shortest = std::min(node_->shortest, node_->content.size());
    });
  }

  std::uint64_t size() const override {
    const std::lock_guard lock{state_->mutex};
    return node_->content.size();
  }

  void close() override { is_closed_ = true; }

 private:
  void check_open(std::string_view operation) const {
    state_->effects.check_alive(generation_);
    if (is_closed_) fail(operation, path_, "Bad file descriptor");
  }

  const std::shared_ptr<State> state_;
  const SimNodePtr node_;
  const std::string path_;
  const std::uint64_t generation_;
  bool is_closed_ = false;
};

class SimDisk::Reader final : public ReadableFile {
 public:
  Reader(std::shared_ptr<State> state, SimNodePtr node, std::string path)
      : state_{std::move(state)},
        node_{std::move(node)},
        path_{std::move(path)},
        generation_{state_->effects.generation()} {}

  std::size_t read_at(std::uint64_t offset, char* to, std::size_t count) const override {
    state_->effects.check_alive(generation_);
    const std::lock_guard lock{state_->mutex};
    if (node_->is_unreadable) fail("read", path_, "Input/output error");
    if (offset >= node_->content.size()) return 0;
    const std::string_view there =
        std::string_view{node_->content}.substr(static_cast<std::size_t>(offset), count);
    std::memcpy(to, there.data(), there.size());
    return there.size();
  }

  std::string read_at(std::uint64_t offset, std::size_t count) const override {
    const std::uint64_t there = size();
    const std::uint64_t left = there - std::min(offset, there);
    std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, left)), '\0');
    bytes.resize(read_at(offset, bytes.data(), bytes.size()));
    return bytes;
  }

  std::uint64_t size() const override {
    state_->effects.check_alive(generation_);
    const std::lock_guard lock{state_->mutex};
    return node_->content.size();
  }

 private:
  const std::shared_ptr<State> state_;
  const SimNodePtr node_;
  const std::string path_;
  const std::uint64_t generation_;
};

class SimDisk::Lock final : public FileLock {
 public:
  Lock(std::shared_ptr<State> state, SimNodePtr node)
      : state_{std::move(state)},
        node_{std::move(node)},
        generation_{state_->effects.generation()} {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() override {
    if (state_->effects.generation() != generation_) return;  // The crash has freed it.
    const std::lock_guard lock{state_->mutex};
    node_->lock_holder.clear();
  }

 private:
  const std::shared_ptr<State> state_;
  const SimNodePtr node_;
  const std::uint64_t generation_;
};

SimDisk::SimDisk(Effects& effects, const Options& options)
    : state_{std::make_shared<State>(effects, options)} {}

SimDisk::~SimDisk() = default;

std::unique_ptr<WritableFile> SimDisk::create(const std::string& path) {
  SimNodePtr node = state_->effect("create", path, [&] { return state_->make_file(path); });
  return std::make_unique<Writer>(state_, std::move(node), path);
}

std::unique_ptr<WritableFile> SimDisk::open_append(const std::string& path) {
  if (!exists(path)) return create(path);
  const std::lock_guard lock{state_->mutex};
  return std::make_unique<Writer>(state_, state_->file_at("open", path), path);
}

std::unique_ptr<ReadableFile> SimDisk::open_read(const std::string& path) {
  state_->effects.check_alive(state_->effects.generation());
  const std::lock_guard lock{state_->mutex};
  return std::make_unique<Reader>(state_, state_->file_at("open", path), path);
}

bool SimDisk::exists(const std::string& path) {
  state_->effects.check_alive(state_->effects.generation());
  const std::lock_guard lock{state_->mutex};
  return state_->tree.find(path) != nullptr;
}

bool SimDisk::is_directory(const std::string& path) {
  state_->effects.check_alive(state_->effects.generation());
  const std::lock_guard lock{state_->mutex};
  const SimNodePtr node = state_->tree.find(path);
  return node != nullptr && node->is_directory;
}

std::uint64_t SimDisk::file_size(const std::string& path) { return open_read(path)->size(); }

std::vector<std::string> SimDisk::list(const std::string& directory) {
  state_->effects.check_alive(state_->effects.generation());
  const std::lock_guard lock{state_->mutex};
  std::vector<std::string> names;
  for (const auto& [name, node] : state_->directory_at("list", directory)->entries) {
    names.push_back(name);
  }
  return names;
}

void SimDisk::create_directories(const std::string& directory) {
  std::string path = directory.starts_with('/') ? "/" : "";
  for (const std::string& part : split_path(directory)) {
    path += part;
    if (!exists(path)) {
      state_->effect("make the directory", path, [&] {
        const auto [parent, name] = state_->tree.parent_of(path);
        auto node = std::make_shared<SimNode>();
        node->is_directory = true;
        state_->tree.change({{parent, name, node}});
      });
    } else if (!is_directory(path)) {
      fail("make the directory", path, "File exists");
    }
    path += '/';
  }
}

void SimDisk::sync_directory(const std::string& directory) {
  state_->effect("sync the directory", directory,
                 [&] { state_->tree.sync_directory(state_->directory_at("sync", directory)); });
}

void SimDisk::rename(const std::string& from, const std::string& to) {
  state_->effect("rename", from, [&] {
    const SimNodePtr node = state_->tree.find(from);
    if (node == nullptr) fail("rename to '" + to + "'", from, "No such file or directory");
    const auto [old_parent, old_name] = state_->tree.parent_of(from);
    const auto [new_parent, new_name] = state_->tree.parent_of(to);
    const SimNodePtr replaced = state_->tree.find(to);
    if (replaced == node) return;
    if (replaced != nullptr && replaced->is_directory) {
      fail("rename to '" + to + "'", from, "Is a directory");
    }
    state_->tree.change({{old_parent, old_name, nullptr}, {new_parent, new_name, node}});
  });
}

bool SimDisk::link(const std::string& from, const std::string& to) {
  if (!state_->options.has_links) return false;
  state_->effect("link", from, [&] {
    const SimNodePtr node = state_->file_at("link", from);
    const auto [parent, name] = state_->tree.parent_of(to);
    if (parent->entries.contains(name)) fail("link as '" + to + "'", from, "File exists");
    state_->tree.change({{parent, name, node}});
  });
  return true;
}

void SimDisk::copy(const std::string& from, const std::string& to) {
  const auto source = open_read(from);
  const auto target = create(to);
  for (std::uint64_t at = 0; at < source->size(); at += kCopyBytes) {
    target->write(source->read_at(at, kCopyBytes));
  }
  target->sync();
  target->close();
}

bool SimDisk::remove(const std::string& path) {
  return state_->effect("remove", path, [&] {
    const SimNodePtr node = state_->tree.find(path);
    if (node == nullptr) return false;
    if (!node->entries.empty()) fail("remove", path, "Directory not empty");
    const auto [parent, name] = state_->tree.parent_of(path);
    state_->tree.change({{parent, name, nullptr}});
    return true;
  });
}

void SimDisk::remove_all(const std::string& path) {
  if (is_directory(path)) {
    for (const std::string& name : list(path)) remove_all(join_path(path, name));
  }
  remove(path);
}

std::unique_ptr<FileLock> SimDisk::lock(const std::string& path, std::string_view purpose) {
  if (!exists(path)) create(path);
  const std::lock_guard lock{state_->mutex};
  const SimNodePtr node = state_->file_at("lock", path);
  if (!node->lock_holder.empty()) {
    throw LockedError("'" + path + "' is locked by " + node->lock_holder);
  }
  node->lock_holder = "the simulated process: " + std::string{purpose};
  return std::make_unique<Lock>(state_, node);
}

void SimDisk::restart() {
  const std::lock_guard lock{state_->mutex};
  state_->tree.crash(state_->random);
}

void SimDisk::crash() {
  restart();
  state_->effects.restart();
}

void SimDisk::set_capacity(std::optional<std::uint64_t> bytes) {
  const std::lock_guard lock{state_->mutex};
  state_->options.capacity_bytes = bytes;
}

void SimDisk::set_unreadable(const std::string& path, bool is_unreadable) {
  const std::lock_guard lock{state_->mutex};
  const SimNodePtr node = state_->tree.find(path);
  if (node == nullptr) fail("find", path, "No such file or directory");
  node->is_unreadable = is_unreadable;
}

void SimDisk::set_sync_fails(bool fails) {
  const std::lock_guard lock{state_->mutex};
  state_->sync_fails = fails;
}

void SimDisk::flip_bit(const std::string& path, std::uint64_t bit) {
  const std::lock_guard lock{state_->mutex};
  const SimNodePtr node = state_->tree.find(path);
  const auto byte = static_cast<std::size_t>(bit / 8);
  if (node == nullptr || byte >= node->content.size()) fail("flip a bit of", path, "not there");
  const auto mask = static_cast<char>(1U << (bit % 8));
  node->content[byte] = static_cast<char>(node->content[byte] ^ mask);
  if (byte < node->durable.size()) {
    node->durable[byte] = static_cast<char>(node->durable[byte] ^ mask);
  }
}

std::string SimDisk::content(const std::string& path) const {
  const std::lock_guard lock{state_->mutex};
  return state_->file_at("open", path)->content;
}

std::vector<std::string> SimDisk::all_files() const {
  const std::lock_guard lock{state_->mutex};
  std::vector<std::string> paths;
  state_->tree.for_each_file([&](const std::string& path, SimNode&) { paths.push_back(path); });
  return paths;
}

}  // namespace weir::inline v0::testing
