// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "weir/weir.hpp"

namespace weir::inline v0 {

/// A directory that goes with the test.
class ScratchDirectory final {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-job-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, std::string_view content) const {
    std::ofstream{*this / name} << content;
  }

 private:
  std::string path_;
};

/// Sums by key that several workers add to.
class Totals final {
 public:
  void set(const std::string& key, std::int64_t value) {
    const std::lock_guard lock{mutex_};
    values_[key] = value;
  }
  std::map<std::string, std::int64_t> get() const {
    const std::lock_guard lock{mutex_};
    return values_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> values_;
};

/// Counts numbers by their last digit; the latest counts go to `totals`.
inline Topology count_by_digit(std::shared_ptr<Source<std::uint64_t>> numbers, Totals& totals) {
  Topology topology{"digits"};
  topology.source("numbers", std::move(numbers))
      .key_by([](const std::uint64_t& number) { return std::to_string(number % 10); })
      .count()
      .named("count")
      .changes()
      .for_each("keep", [&totals](const Keyed<std::string, std::int64_t>& count) {
        totals.set(count.key, count.value);
      });
  return topology;
}

inline std::shared_ptr<Source<std::uint64_t>> numbers(std::uint64_t count, double per_second = 0) {
  return io::generate<std::uint64_t>(count, [](std::uint64_t i) { return i; },
                                     {.splits = 3, .per_second = per_second});
}

/// Options for a job that keeps checkpoints in `directory`.
inline JobOptions with_checkpoints(const std::string& directory) {
  JobOptions options;
  options.workers = 2;
  options.shards = 8;
  options.checkpoints.directory = directory;
  options.checkpoints.interval = Duration{10};
  return options;
}

/// What running the topology throws, as text; empty: nothing.
template <class E>
std::string error_of(Topology topology, JobOptions options) {
  try {
    Job{std::move(topology), std::move(options)}.run();
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

}  // namespace weir::inline v0
