// SPDX-License-Identifier: Apache-2.0
#include "base/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::base {

namespace {

/// What the one who reads the message can do.
std::string_view advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return " (the disk is full: free some space, or give a directory elsewhere)";
    case EACCES:
    case EPERM:
    case EROFS:
      return " (the process may not do this: check the owner and mode of the file and its folder)";
    case EMFILE:
    case ENFILE:
      return " (too many open files: raise the limit, see ulimit -n)";
    default:
      return "";
  }
}

}  // namespace

void throw_io_error(std::string_view operation, const std::string& path, int error) {
  std::string text = "cannot ";
  text += operation;
  text += " '" + path + "': " + std::generic_category().message(error);
  text += advice(error);
  throw IoError(text);
}

void throw_io_error(std::string_view operation, const std::string& path) {
  throw_io_error(operation, path, errno);
}

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int FileDescriptor::release() noexcept { return std::exchange(descriptor_, -1); }

FileDescriptor open_file(const std::string& path, int flags, std::string_view operation) {
  constexpr mode_t kMode = 0666;  // Less what the process's umask takes away.
  int file = -1;
  do {
    file = ::open(path.c_str(), flags | O_CLOEXEC, kMode);
  } while (file < 0 && errno == EINTR);
  if (file < 0) throw_io_error(operation, path);
  return FileDescriptor{file};
}

PosixWritableFile::PosixWritableFile(FileDescriptor file, std::string path, std::uint64_t size)
    : file_{std::move(file)}, path_{std::move(path)}, size_{size} {}

void PosixWritableFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_io_error("write to", path_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PosixWritableFile::sync() {
  if (sync_error_ != 0) throw_io_error("sync", path_, sync_error_);
  if (::fdatasync(file_.get()) == 0) return;
  sync_error_ = errno;
  throw_io_error("sync", path_, sync_error_);
}

void PosixWritableFile::truncate(std::uint64_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) throw_io_error("truncate", path_);
  size_ = size;
}

void PosixWritableFile::close() {
  const int file = file_.release();
  if (file < 0) return;
  // A close that was interrupted has closed all the same.
  if (::close(file) != 0 && errno != EINTR) throw_io_error("close", path_);
}

PosixReadableFile::PosixReadableFile(FileDescriptor file, std::string path)
    : file_{std::move(file)}, path_{std::move(path)} {}

std::size_t PosixReadableFile::read_at(std::uint64_t offset, char* to, std::size_t count) const {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(file_.get(), to + done, count - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw_io_error("read", path_);
    }
  }
  return done;
}

std::string PosixReadableFile::read_at(std::uint64_t offset, std::size_t count) const {
  const std::uint64_t there = size();
  const std::uint64_t left = offset < there ? there - offset : 0;
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, left)), '\0');
  bytes.resize(read_at(offset, bytes.data(), bytes.size()));
  return bytes;
}

std::uint64_t PosixReadableFile::size() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) throw_io_error("look at", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace weir::inline v0::base
