// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file_names.hpp"
#include "tests/unit/io/reading.hpp"
#include "tests/unit/io/sink_run.hpp"
#include "tests/unit/io/temp_files.hpp"
#include "weir/format.hpp"
#include "weir/io/write_files.hpp"

namespace weir::io_test {

using Texts = std::vector<std::string>;

inline const io::WriteOptions kRollAtEach{.roll_age = Duration{0}};

class WriteFiles : public TempFiles {
 protected:
  using Run = SinkRun<std::string>;

  Run::World world(bool has_checkpoints = true) { return {files_.get(), &clock_, has_checkpoints}; }
  std::string out() const { return path("out"); }

  /// A run that starts from a checkpoint, or from none.
  std::unique_ptr<Run> start(const std::shared_ptr<Sink<std::string>>& sink,
                             const std::optional<std::string>& part = std::nullopt,
                             std::size_t tasks = 1) {
    auto run = std::make_unique<Run>(sink, world(), tasks);
    if (part) {
      run->participant().restore(CheckpointName{"t", {1}}, *part);
    } else {
      run->participant().restore(std::nullopt, "");
    }
    return run;
  }
  std::shared_ptr<Sink<std::string>> sink(const io::WriteOptions& options = {}) {
    return io::write_files(out(), text(), options);
  }

  /// Names of files in the directory: hidden ones, or published ones.
  Texts names(bool hidden, const std::string& directory) {
    Texts found;
    for (const std::string& name : files_->list(directory)) {
      if (name.substr(0, 5) == ".lock" || files_->is_directory(join_path(directory, name)))
        continue;
      if (detail::is_hidden_name(name) == hidden) found.push_back(name);
    }
    return found;
  }
  Texts hidden() { return names(true, out()); }
  Texts published() { return names(false, out()); }
  Texts texts(const Texts& names) {
    Texts contents;
    for (const std::string& name : names) contents.push_back(text_of(join_path(out(), name)));
    return contents;
  }

  HandClock clock_;
};

}  // namespace weir::io_test
