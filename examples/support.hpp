// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the examples share, so that each shows only its own idea: options, progress, restarts.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/weir.hpp"

namespace example {

/// `--name value` and `--name` from the command line; the rest are paths.
///
///     word_count --out counts --verify /usr/share/common-licenses
class Arguments {
 public:
  /// Ends the program with a message when there is an option that is not in `known`.
  Arguments(int argc, char** argv, const std::vector<std::string>& known);

  bool has(const std::string& name) const { return options_.count(name) != 0; }
  std::string get(const std::string& name, const std::string& otherwise) const;
  std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
  const std::vector<std::string>& paths() const { return paths_; }

 private:
  std::map<std::string, std::string> options_;
  std::vector<std::string> paths_;
};

/// Options for a job that keeps its state in RocksDB (where weir was built with it) and its
/// checkpoints, both below `--work DIR`; without it, nothing is kept. `--instance NAME` names this
/// process among those that share the job.
weir::JobOptions job_options(const Arguments& arguments);

/// Runs a job until its input ends or Ctrl-C is pressed. On a terminal it shows records, rate,
/// watermark and the last checkpoint in one line that renews itself. Returns main()'s result.
int run(weir::Topology topology, const weir::JobOptions& options);

/// All lines of a file, or of all files below a directory, sorted by file name.
std::vector<std::string> lines_below(const std::string& path);

}  // namespace example
