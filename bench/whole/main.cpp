// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "bench/whole/report.hpp"
#include "bench/whole/targets.hpp"
#include "bench/whole/workloads.hpp"

namespace {

struct Options {
  std::string filter;
  std::string json;
  std::string child;
  bool has_check = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--check") {
      options.has_check = true;
    } else if (argument == "--json" && i + 1 < argc) {
      options.json = argv[++i];
    } else if (argument == "--child" && i + 1 < argc) {
      options.child = argv[++i];
    } else {
      options.filter = argument;
    }
  }
  return options;
}

const char* word_for(bench::Verdict::Kind kind) {
  using Kind = bench::Verdict::Kind;
  if (kind == Kind::not_checked) return "not checked";
  return kind == Kind::met ? "met" : "MISSED";
}

/// Returns whether nothing was missed.
bool print_verdicts(const bench::Suite& suite, double scaling) {
  bool is_fine = true;
  std::printf("\nTwo threads reach %.2fx of one here.\n", scaling);
  for (const bench::Verdict& verdict : check(suite, scaling)) {
    std::printf("%-12s %s\n", word_for(verdict.kind), verdict.text.c_str());
    is_fine = is_fine && verdict.kind != bench::Verdict::Kind::missed;
  }
  return is_fine;
}

int run(const Options& options) {
  const double busy = bench::busy_share();
  if (busy > 0.05) std::printf("Others use %.0f %% of this machine: expect noise.\n", 100 * busy);
  bench::Suite suite{options.filter};
  bench::print_header();
  bench::run_windows(suite);
  bench::run_streams(suite);
  bench::run_checkpoints(suite);
  bench::run_rocksdb(suite);
  bench::run_idle(suite);
  if (suite.figures().empty() && suite.failures().empty()) suite.fail("the filter matches nothing");
  bench::print_honesty(suite.honesty());
  if (!options.json.empty()) bench::write_json(options.json, suite.figures());
  const bool is_fine = print_verdicts(suite, bench::machine_scaling());
  const bool has_failed = !suite.failures().empty();
  return has_failed || (options.has_check && !is_fine) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    return options.child.empty() ? run(options) : bench::run_rocksdb_child(options.child);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
