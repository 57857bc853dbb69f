// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/posix_file.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0 {

namespace {

using base::FileDescriptor;
using base::open_file;
using base::throw_io_error;

constexpr std::size_t kCopyBytes = 1024 * 1024;
constexpr std::size_t kHolderBytes = 1024;

enum class FileKind { none, directory, other };

/// What is at a path; a symbolic link is followed if asked.
FileKind kind_of(const std::string& path, bool follows_links = true) {
  struct stat status {};
  const int result = follows_links ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
  if (result != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return FileKind::none;
    throw_io_error("look at", path);
  }
  return S_ISDIR(status.st_mode) ? FileKind::directory : FileKind::other;
}

void make_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return;
  const int error = errno;
  if (error == EEXIST && kind_of(directory) == FileKind::directory) return;
  throw_io_error("make the directory", directory, error);
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "unknown";
  return name;
}

std::string holder_text(std::string_view purpose) {
  std::string text = "process " + std::to_string(::getpid()) + " on " + host_name();
  if (!purpose.empty()) text.append(": ").append(purpose);
  return text + '\n';
}

[[noreturn]] void throw_locked(const std::string& path, FileDescriptor file) {
  const base::PosixReadableFile content{std::move(file), path};
  std::string holder = content.read_at(0, kHolderBytes);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  if (holder.empty()) holder = "another process";  // It has the lock and has not signed it yet.
  throw LockedError("'" + path + "' is locked by " + holder +
                    "; stop that one first, or use another directory");
}

/// The lock belongs to the open file, so that closing it, or dying, frees it.
class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(FileDescriptor file) : file_{std::move(file)} {}

 private:
  const FileDescriptor file_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<WritableFile> create(const std::string& path) override {
    return std::make_unique<base::PosixWritableFile>(
        open_file(path, O_WRONLY | O_CREAT | O_EXCL, "create"), path, 0);
  }

  std::unique_ptr<WritableFile> open_append(const std::string& path) override {
    FileDescriptor file = open_file(path, O_WRONLY | O_CREAT, "open");
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_io_error("look at", path);
    return std::make_unique<base::PosixWritableFile>(std::move(file), path,
                                                     static_cast<std::uint64_t>(status.st_size));
  }

  std::unique_ptr<ReadableFile> open_read(const std::string& path) override {
    return std::make_unique<base::PosixReadableFile>(open_file(path, O_RDONLY, "open"), path);
  }

  bool exists(const std::string& path) override { return kind_of(path) != FileKind::none; }

  bool is_directory(const std::string& path) override {
    return kind_of(path) == FileKind::directory;
  }

  std::uint64_t file_size(const std::string& path) override { return open_read(path)->size(); }

  std::vector<std::string> list(const std::string& directory) override;
  void create_directories(const std::string& directory) override;

  void sync_directory(const std::string& directory) override {
    const FileDescriptor file = open_file(directory, O_RDONLY | O_DIRECTORY, "open");
    if (::fsync(file.get()) != 0) throw_io_error("sync", directory);
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_io_error("rename to '" + to + "'", from);
  }

  bool link(const std::string& from, const std::string& to) override;
  void copy(const std::string& from, const std::string& to) override;

  bool remove(const std::string& path) override {
    if (std::remove(path.c_str()) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw_io_error("remove", path);
  }

  void remove_all(const std::string& path) override;
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view purpose) override;
};

std::vector<std::string> PosixFileSystem::list(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDirectory> open{::opendir(directory.c_str())};
  if (open == nullptr) throw_io_error("list", directory);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());  // NOLINT(concurrency-mt-unsafe): own handle
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) throw_io_error("list", directory);
  std::sort(names.begin(), names.end());
  return names;
}

void PosixFileSystem::create_directories(const std::string& directory) {
  std::size_t end = 0;
  do {
    end = directory.find('/', end + 1);
    make_directory(directory.substr(0, end));
  } while (end != std::string::npos && end + 1 < directory.size());
}

bool PosixFileSystem::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  switch (errno) {
    case EXDEV:
    case EPERM:
    case EMLINK:
    case EOPNOTSUPP:
    case ENOSYS:
      return false;
    default:
      throw_io_error("link as '" + to + "'", from);
  }
}

void PosixFileSystem::copy(const std::string& from, const std::string& to) {
  const std::unique_ptr<ReadableFile> source = open_read(from);
  const std::unique_ptr<WritableFile> target = create(to);
  std::string buffer(kCopyBytes, '\0');
  std::uint64_t offset = 0;
  while (true) {
    const std::size_t count = source->read_at(offset, buffer.data(), buffer.size());
    if (count == 0) break;
    target->write({buffer.data(), count});
    offset += count;
  }
  target->sync();
  target->close();
}

void PosixFileSystem::remove_all(const std::string& path) {
  if (kind_of(path, /*follows_links=*/false) == FileKind::directory) {
    for (const std::string& name : list(path)) remove_all(join_path(path, name));
  }
  remove(path);
}

std::unique_ptr<FileLock> PosixFileSystem::lock(const std::string& path, std::string_view purpose) {
  FileDescriptor file = open_file(path, O_RDWR | O_CREAT, "open");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw_io_error("lock", path);
    throw_locked(path, std::move(file));
  }
  const std::string holder = holder_text(purpose);
  if (::ftruncate(file.get(), 0) != 0) throw_io_error("truncate", path);
  if (::pwrite(file.get(), holder.data(), holder.size(), 0) < 0) throw_io_error("write to", path);
  return std::make_unique<PosixFileLock>(std::move(file));
}

}  // namespace

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path{directory};
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

std::string parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string{slash == 0 ? "/" : path.substr(0, slash)};
}

std::unique_ptr<FileSystem> posix_file_system() { return std::make_unique<PosixFileSystem>(); }

}  // namespace weir::inline v0
