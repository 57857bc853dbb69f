// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#if defined(WEIR_EXAMPLES_ROCKSDB)
#include "weir/rocksdb.hpp"
#endif

namespace example {
namespace {

using namespace std::chrono_literals;

std::string time_of(weir::EventTime time) {
  if (time == weir::EventTime::min()) return "none yet";
  if (time == weir::EventTime::max()) return "end of time";
  return std::to_string(time.ms()) + " ms";
}

/// One line on stderr that renews itself until the job has ended.
void show_progress(weir::Job& job) {
  std::uint64_t before = 0;
  while (!job.wait_for(500ms)) {
    const weir::JobProgress progress = job.progress();
    std::fprintf(stderr, "\r\033[K%llu records, %llu/s, watermark %s, checkpoint %llu",
                 static_cast<unsigned long long>(progress.records),
                 static_cast<unsigned long long>((progress.records - before) * 2),
                 time_of(progress.watermark).c_str(),
                 static_cast<unsigned long long>(progress.last_checkpoint));
    before = progress.records;
  }
  std::fputs("\r\033[K", stderr);
}

}  // namespace

Arguments::Arguments(int argc, char** argv, const std::vector<std::string>& known) {
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.rfind("--", 0) != 0) {
      paths_.push_back(std::move(argument));
      continue;
    }
    argument.erase(0, 2);
    if (std::find(known.begin(), known.end(), argument) == known.end()) {
      std::cerr << argv[0] << ": unknown option --" << argument << "; known are:";
      for (const std::string& name : known) std::cerr << " --" << name;
      std::cerr << '\n';
      std::exit(2);
    }
    const bool has_value = i + 1 < argc && std::string{argv[i + 1]}.rfind("--", 0) != 0;
    options_[argument] = has_value ? argv[++i] : "";
  }
}

std::string Arguments::get(const std::string& name, const std::string& otherwise) const {
  const auto found = options_.find(name);
  return found == options_.end() ? otherwise : found->second;
}

std::uint64_t Arguments::number(const std::string& name, std::uint64_t otherwise) const {
  const auto found = options_.find(name);
  return found == options_.end() ? otherwise : std::stoull(found->second);
}

weir::JobOptions job_options(const Arguments& arguments) {
  weir::JobOptions options;
  options.instance = arguments.get("instance", "0");
  const std::string work = arguments.get("work", "");
  if (work.empty()) return options;
  options.guarantee = weir::Guarantee::exactly_once;
  options.checkpoints.directory = work + "/checkpoints";
  options.checkpoints.interval = weir::Duration{arguments.number("interval", 1'000)};
#if defined(WEIR_EXAMPLES_ROCKSDB)
  options.state = weir::rocksdb::state({.directory = work + "/state"});
#endif
  return options;
}

int run(weir::Topology topology, const weir::JobOptions& options) {
  try {
    const std::stop_token stop = weir::stop_on({SIGINT, SIGTERM});
    weir::Job job{std::move(topology), options};
    job.start();
    const std::stop_callback on_stop{stop, [&job] { job.stop(); }};
    if (isatty(STDERR_FILENO) != 0) show_progress(job);
    job.wait();
    std::cerr << "job " << weir::to_string(job.status().state) << " after "
              << job.progress().records << " records\n";
    return EXIT_SUCCESS;
  } catch (const weir::Error& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}

std::vector<std::string> lines_below(const std::string& path) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_regular_file(path)) files.emplace_back(path);
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{path}) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name.front() != '.') files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> lines;
  for (const auto& file : files) {
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  return lines;
}

}  // namespace example
