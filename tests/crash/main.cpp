// SPDX-License-Identifier: Apache-2.0

// Kills a job over and over with kill -9, lets it finish, and audits its output.
//
//     crash_runner --kills 30 --seed 1 [--drop-one]
//
// A kill counts when a checkpoint was committed since the last start and input is left. A third of
// the kills land at a step of the commit, where the job is held until it is dead. The last line is
// "N kills, R records, L lost, D doubled"; the status is 0 when nothing is lost or doubled.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "crash/audit.hpp"
#include "crash/child.hpp"
#include "crash/crash_job.hpp"
#include "crash/pausing_files.hpp"
#include "weir/random.hpp"

namespace weir::crash {
namespace {

constexpr int kLineTimeoutMs = 30'000;
constexpr std::uint64_t kRecordsMin = 200'000;
constexpr std::uint64_t kRecordsPerKill = 8'000;
/// So slow that input is left after as many kills as are wanted.
constexpr double kRecordsPerSecond = 25'000;

struct Arguments {
  std::uint64_t kills = 30;
  std::uint64_t seed = 1;
  bool drops_one = false;
};

/// Repeats starting and killing one job.
class Killer {
 public:
  Killer(const Arguments& arguments, std::string directory)
      : arguments_{arguments}, random_{arguments.seed} {
    job_.directory = std::move(directory);
    job_.records = std::max(kRecordsMin, arguments.kills * kRecordsPerKill);
    job_.on_rocksdb = arguments.seed % 2 == 0;
    if (arguments.drops_one) {
      job_.dropped = static_cast<std::int64_t>(random_.below(job_.records));
    }
  }

  /// Returns main()'s result.
  int run() {
    while (kills_ < arguments_.kills) {
      if (!start_and_kill()) break;
    }
    finish();
    for (const auto& [step, count] : kills_at_) {
      std::printf("killed %llu times %s\n", static_cast<unsigned long long>(count), step.c_str());
    }
    return report(audit_output(job_.directory + "/out", job_.records));
  }

 private:
  /// One start of the job, and one kill, which may or may not count. False: the input has ended.
  bool start_and_kill() {
    const bool at_step = starts_++ % 3 == 0;
    const std::string step = at_step ? kSteps[random_.below(std::size(kSteps))] : "";
    Child child{child_arguments(kRecordsPerSecond, step, 2 + random_.below(6))};
    bool is_committed = false;
    int budget_ms = kLineTimeoutMs;
    while (true) {
      const std::optional<std::string> line = child.read_line(budget_ms);
      if (!line && child.has_closed()) {
        const int status = child.wait();
        throw std::runtime_error{"the job ended by itself with status " + std::to_string(status)};
      }
      if (!line && budget_ms == kLineTimeoutMs) {
        throw std::runtime_error{"the job has said nothing for 30 s"};
      }
      if (line && *line == "ended") return false;
      const bool is_paused = line && line->rfind("paused ", 0) == 0;
      if (line && line->rfind("checkpoint ", 0) == 0) is_committed = true;
      // At a random moment, some milliseconds after a checkpoint; at a step, when it is reached.
      if (line && !is_paused) {
        if (is_committed && !at_step) budget_ms = static_cast<int>(random_.below(40));
        continue;
      }
      child.kill();
      if (is_committed) count_kill(is_paused ? "at step " + step : "at random");
      return true;
    }
  }

  void count_kill(const std::string& where) {
    ++kills_;
    ++kills_at_[where];
  }

  /// The rest of the input, as fast as it goes.
  void finish() {
    Child child{child_arguments(0, "", 0)};
    while (!child.has_closed()) {
      if (!child.read_line(4 * kLineTimeoutMs) && !child.has_closed()) {
        throw std::runtime_error{"the last run does not end"};
      }
    }
    if (child.wait() != 0) throw std::runtime_error{"the last run failed"};
  }

  std::vector<std::string> child_arguments(double per_second, const std::string& step,
                                           std::uint64_t count) const {
    return {"--job",
            job_.directory,
            std::to_string(job_.records),
            std::to_string(per_second),
            job_.on_rocksdb ? "1" : "0",
            std::to_string(job_.dropped),
            step.empty() ? "none" : step,
            std::to_string(count)};
  }

  int report(const Audit& audit) const {
    if (audit.misnumbered != 0 || audit.foreign != 0) {
      std::printf("%llu keys with wrong numbers, %llu foreign lines\n",
                  static_cast<unsigned long long>(audit.misnumbered),
                  static_cast<unsigned long long>(audit.foreign));
    }
    const bool is_short = kills_ < arguments_.kills;
    if (is_short) std::puts("error: the input ended before all kills were done");
    std::printf("%llu kills, %llu records, %llu lost, %llu doubled\n",
                static_cast<unsigned long long>(kills_),
                static_cast<unsigned long long>(job_.records),
                static_cast<unsigned long long>(audit.lost),
                static_cast<unsigned long long>(audit.doubled));
    const bool is_right =
        audit.lost == 0 && audit.doubled == 0 && audit.misnumbered == 0 && audit.foreign == 0;
    return is_right && !is_short ? 0 : 1;
  }

  const Arguments arguments_;
  Random random_;
  CrashJobOptions job_;
  std::uint64_t starts_ = 0;
  std::uint64_t kills_ = 0;
  std::map<std::string, std::uint64_t> kills_at_;
};

int run_job(const std::vector<std::string>& arguments) {
  CrashJobOptions options;
  options.directory = arguments.at(1);
  options.records = std::stoull(arguments.at(2));
  options.per_second = std::stod(arguments.at(3));
  options.on_rocksdb = arguments.at(4) == "1";
  options.dropped = std::stoll(arguments.at(5));
  if (arguments.at(6) != "none") options.pause_step = arguments.at(6);
  options.pause_count = std::stoull(arguments.at(7));
  return run_crash_job(options);
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--kills") {
      arguments.kills = std::stoull(words.at(++i));
    } else if (words[i] == "--seed") {
      arguments.seed = std::stoull(words.at(++i));
    } else if (words[i] == "--drop-one") {
      arguments.drops_one = true;
    } else {
      throw std::invalid_argument{"unknown argument '" + words[i] +
                                  "'; known are --kills N, --seed S, --drop-one"};
    }
  }
  return arguments;
}

int run(const std::vector<std::string>& words) {
  if (!words.empty() && words.front() == "--job") return run_job(words);
  const Arguments arguments = parse(words);
  std::string pattern = (std::filesystem::temp_directory_path() / "weir-crash-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  int result = 1;
  try {
    result = Killer{arguments, pattern}.run();
  } catch (...) {
    std::fprintf(stderr, "files are left in %s\n", pattern.c_str());
    throw;
  }
  if (result == 0 || arguments.drops_one) std::filesystem::remove_all(pattern);
  return result;
}

}  // namespace
}  // namespace weir::crash

int main(int argc, char** argv) {
  try {
    return weir::crash::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crash_runner: %s\n", error.what());
    return 2;
  }
}
