// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>

#include "weir/file_system.hpp"

namespace weir::io_test {

/// A directory of its own on the real disk, gone afterwards.
class TempFiles : public testing::Test {
 protected:
  TempFiles() {
    std::string pattern = testing::TempDir() + "weir-io-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~TempFiles() override { files_->remove_all(root_); }

  std::string path(const std::string& name) const { return join_path(root_, name); }

  /// Writes a new file, or another one in its place.
  std::string write_file(const std::string& name, const std::string& text) {
    files_->remove(path(name));
    const auto file = files_->create(path(name));
    file->write(text);
    file->close();
    return path(name);
  }

  std::string text_of(const std::string& file) {
    return files_->open_read(file)->read_at(0, 100'000'000);
  }

  std::unique_ptr<FileSystem> files_ = posix_file_system();
  std::string root_;
};

}  // namespace weir::io_test
