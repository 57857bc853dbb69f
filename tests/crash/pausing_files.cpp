// SPDX-License-Identifier: Apache-2.0
#include "crash/pausing_files.hpp"

#include <utility>

#include "crash/pause_point.hpp"

namespace weir::crash {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_checkpoint(const std::string& path) { return ends_with(path, ".ckpt"); }
bool is_output(const std::string& path) { return path.find("/out/") != std::string::npos; }

class PausingFile final : public WritableFile {
 public:
  PausingFile(std::unique_ptr<WritableFile> file, PausePoint& point)
      : file_{std::move(file)}, point_{point} {}

  void write(std::string_view bytes) override { file_->write(bytes); }
  void sync() override {
    file_->sync();
    point_.pass("staged");
  }
  void truncate(std::uint64_t size) override { file_->truncate(size); }
  std::uint64_t size() const override { return file_->size(); }
  void close() override { file_->close(); }

 private:
  const std::unique_ptr<WritableFile> file_;
  PausePoint& point_;
};

class PausingFiles final : public FileSystem {
 public:
  PausingFiles(std::string step, std::uint64_t count) : point_{std::move(step), count} {}

  std::unique_ptr<WritableFile> create(const std::string& path) override {
    return wrap(path, files_->create(path));
  }
  std::unique_ptr<WritableFile> open_append(const std::string& path) override {
    return wrap(path, files_->open_append(path));
  }
  std::unique_ptr<ReadableFile> open_read(const std::string& path) override {
    return files_->open_read(path);
  }
  bool exists(const std::string& path) override { return files_->exists(path); }
  bool is_directory(const std::string& path) override { return files_->is_directory(path); }
  std::uint64_t file_size(const std::string& path) override { return files_->file_size(path); }
  std::vector<std::string> list(const std::string& path) override { return files_->list(path); }
  void create_directories(const std::string& path) override { files_->create_directories(path); }
  void sync_directory(const std::string& path) override { files_->sync_directory(path); }
  void rename(const std::string& from, const std::string& to) override {
    if (is_checkpoint(to)) point_.pass("stored");
    if (is_output(to)) point_.pass("publishing");
    files_->rename(from, to);
    if (is_checkpoint(to)) point_.pass("committed");
    if (is_output(to)) point_.pass("published");
  }
  bool link(const std::string& from, const std::string& to) override {
    return files_->link(from, to);
  }
  void copy(const std::string& from, const std::string& to) override { files_->copy(from, to); }
  bool remove(const std::string& path) override {
    if (is_checkpoint(path)) point_.pass("removing");
    const bool was_there = files_->remove(path);
    if (is_checkpoint(path)) point_.pass("removed");
    return was_there;
  }
  void remove_all(const std::string& path) override { files_->remove_all(path); }
  std::unique_ptr<FileLock> lock(const std::string& path, std::string_view purpose) override {
    return files_->lock(path, purpose);
  }

 private:
  std::unique_ptr<WritableFile> wrap(const std::string& path, std::unique_ptr<WritableFile> file) {
    if (!is_output(path)) return file;
    return std::make_unique<PausingFile>(std::move(file), point_);
  }

  const std::unique_ptr<FileSystem> files_ = posix_file_system();
  PausePoint point_;
};

}  // namespace

std::shared_ptr<FileSystem> pausing_files(std::string step, std::uint64_t count) {
  return std::make_shared<PausingFiles>(std::move(step), count);
}

}  // namespace weir::crash
