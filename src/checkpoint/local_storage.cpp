// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/local_storage.hpp"

#include <algorithm>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0 {
namespace detail {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kWriteBytes = std::size_t{1} << 18;
constexpr std::string_view kLockName = ".lock";

bool is_temporary(const std::string& name) {
  return name.starts_with('.') && name.ends_with(kTemporarySuffix);
}

/// Reads a file front to back.
class FileChunks final : public ChunkReader {
 public:
  explicit FileChunks(std::unique_ptr<ReadableFile> file) : file_{std::move(file)} {}

  std::string read(std::size_t limit) override {
    std::string bytes = file_->read_at(offset_, limit);
    offset_ += bytes.size();
    return bytes;
  }
  void skip(std::uint64_t bytes) override {
    offset_ += std::min(bytes, file_->size() - std::min(offset_, file_->size()));
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
  std::uint64_t offset_ = 0;
};

/// Removes a temporary file unless it got its name. A failure to do so leaves it to the next lock.
class TemporaryFile final {
 public:
  TemporaryFile(FileSystem& files, std::string path) : files_{files}, path_{std::move(path)} {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (is_kept_) return;
    try {
      files_.remove(path_);
    } catch (const std::exception&) {
      is_kept_ = true;  // Nobody can be told here; lock() removes it.
    }
  }

  const std::string& path() const noexcept { return path_; }
  void keep() noexcept { is_kept_ = true; }

 private:
  FileSystem& files_;
  const std::string path_;
  bool is_kept_ = false;
};

}  // namespace

LocalStorage::LocalStorage(std::string directory, std::shared_ptr<FileSystem> files)
    : directory_{std::move(directory)}, files_{std::move(files)} {}

std::string LocalStorage::path_of(const std::string& name) const {
  std::size_t start = 0;
  while (start <= name.size()) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    if (end == start || name[start] == '.') {
      throw IoError("'" + name +
                    "' cannot be the name of a stored checkpoint file: no part of it "
                    "may be empty or start with '.'");
    }
    start = end + 1;
  }
  return join_path(directory_, name);
}

/// Makes a directory; its name, those above it and those in it are durable afterwards. Once for
/// each directory: a process that was killed here may have left names that are there and not
/// durable.
void LocalStorage::settle(const std::string& directory) {
  {
    const std::lock_guard lock{mutex_};
    if (settled_.contains(directory)) return;
  }
  const std::string parent = parent_path(directory);
  const bool is_ours = directory.size() > directory_.size();
  if (parent != directory && (is_ours || !files_->is_directory(parent))) settle(parent);
  files_->create_directories(directory);
  files_->sync_directory(parent);
  files_->sync_directory(directory);
  const std::lock_guard lock{mutex_};
  settled_.insert(directory);
}

std::string LocalStorage::temporary_for(const std::string& path) {
  const std::string directory = parent_path(path);
  const std::string name = path.substr(path.rfind('/') + 1);
  while (true) {
    std::string temporary = join_path(directory, ".");
    temporary.append(name).append(".").append(std::to_string(next_temporary_.fetch_add(1)));
    temporary += kTemporarySuffix;
    if (!files_->exists(temporary)) return temporary;
  }
}

bool LocalStorage::publish(const std::string& temporary, const std::string& path) {
  const std::lock_guard lock{mutex_};
  if (files_->exists(path)) return false;
  files_->rename(temporary, path);
  return true;
}

bool LocalStorage::put_if_absent(const std::string& name, const ChunkProducer& producer) {
  const std::string path = path_of(name);
  if (files_->exists(path)) return false;
  settle(parent_path(path));
  TemporaryFile temporary{*files_, temporary_for(path)};
  const std::unique_ptr<WritableFile> file = files_->create(temporary.path());
  std::string waiting;  // Producers hand over small pieces.
  producer([&](std::string_view chunk) {
    waiting.append(chunk);
    if (waiting.size() < kWriteBytes) return;
    file->write(waiting);
    waiting.clear();
  });
  if (!waiting.empty()) file->write(waiting);
  file->sync();
  file->close();
  if (!publish(temporary.path(), path)) return false;
  temporary.keep();
  files_->sync_directory(parent_path(path));
  return true;
}

bool LocalStorage::put_file_if_absent(const std::string& name, const std::string& local_path) {
  const std::string path = path_of(name);
  if (files_->exists(path)) return false;
  settle(parent_path(path));
  TemporaryFile temporary{*files_, temporary_for(path)};
  if (files_->link(local_path, temporary.path())) {
    files_->open_append(temporary.path())->sync();  // Of the file, whichever name it is opened by.
  } else {
    files_->copy(local_path, temporary.path());
  }
  if (!publish(temporary.path(), path)) return false;
  temporary.keep();
  files_->sync_directory(parent_path(path));
  return true;
}

std::unique_ptr<ChunkReader> LocalStorage::get(const std::string& name) {
  const std::string path = path_of(name);
  if (!files_->exists(path)) return nullptr;
  settle(parent_path(path));  // What is built on this object must not outlive it.
  return std::make_unique<FileChunks>(files_->open_read(path));
}

bool LocalStorage::get_file(const std::string& name, const std::string& local_path) {
  const std::string path = path_of(name);
  if (!files_->exists(path)) return false;
  if (!files_->link(path, local_path)) files_->copy(path, local_path);
  return true;
}

void LocalStorage::collect(const std::string& directory, const std::string& prefix,
                           std::vector<std::string>& names) {
  for (const std::string& name : files_->list(directory)) {
    if (name.starts_with('.')) continue;
    const std::string path = join_path(directory, name);
    const std::string full_name = prefix + name;
    if (files_->is_directory(path)) {
      collect(path, full_name + '/', names);
    } else {
      names.push_back(full_name);
    }
  }
}

std::vector<std::string> LocalStorage::list(const std::string& prefix) {
  // Only the folder that the prefix names can hold what starts with it.
  const std::size_t slash = prefix.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : prefix.substr(0, slash);
  const std::string directory = folder.empty() ? directory_ : path_of(folder);
  std::vector<std::string> names;
  if (!files_->is_directory(directory)) return names;
  collect(directory, folder.empty() ? "" : folder + '/', names);
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(prefix); });
  std::sort(names.begin(), names.end());
  return names;
}

void LocalStorage::remove(const std::string& name) { files_->remove(path_of(name)); }

void LocalStorage::remove_temporaries(const std::string& directory) {
  for (const std::string& name : files_->list(directory)) {
    const std::string path = join_path(directory, name);
    if (is_temporary(name)) {
      files_->remove(path);
    } else if (files_->is_directory(path)) {
      remove_temporaries(path);
    }
  }
}

std::shared_ptr<void> LocalStorage::lock(const std::string& prefix) {
  const std::string directory = path_of(prefix);
  settle(directory);
  std::shared_ptr<FileLock> lock =
      files_->lock(join_path(directory, kLockName), "checkpoints of " + prefix);
  remove_temporaries(directory);
  return lock;
}

}  // namespace detail

std::shared_ptr<CheckpointStorage> local_storage(std::string directory,
                                                 std::shared_ptr<FileSystem> files) {
  if (files == nullptr) files = posix_file_system();
  return std::make_shared<detail::LocalStorage>(std::move(directory), std::move(files));
}

}  // namespace weir::inline v0
