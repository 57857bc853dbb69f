// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "bench/whole/measure.hpp"

namespace bench {

using Parameters = std::map<std::string, std::string>;
/// What else was measured, such as "pause_ms"; of several rounds the smallest value counts.
using Extra = std::map<std::string, double>;

/// One line of the table, one object of the JSON.
struct Figure {
  std::string name;
  Parameters parameters = {};
  double per_second = 0;
  double cpu_ns = 0;
  double bound_per_second = 0;  ///< 0: nothing bounds it.
  double bound_cpu_ns = 0;
  Extra extra = {};

  double ratio() const { return bound_per_second > 0 ? per_second / bound_per_second : 0; }
};

/// A way to run a workload through weir.
struct Variant {
  std::string name;
  Parameters parameters;
  std::function<Run(Extra&)> run;
};

/// A loop that is known beside a bound, and how much faster than the bound it was when both were
/// published. Shows whether the bound is as good here.
struct Calibration {
  std::string name;
  std::function<Run()> run;
  double published_quotient = 0;  ///< Rate of the bound / rate of the calibration loop.
};

/// Variants that share their records and what bounds them.
struct Group {
  std::string name;
  std::vector<Variant> variants = {};
  std::vector<std::function<Run()>> bounds = {};  ///< The fastest one is the bound.
  std::vector<Calibration> calibrations = {};
  int rounds = 3;               ///< Bounds and variants by turns; the best round counts.
  bool has_same_answer = true;  ///< False where the bound answers another question.
};

/// How honest a bound is: its quotient here, beside the published one.
struct Honesty {
  std::string name;
  double quotient = 0;
  double published = 0;

  double share() const { return published > 0 ? quotient / published : 0; }
};

/// Collects figures. Only what the filter matches is run.
class Suite final {
 public:
  /// `filter`: a regular expression that is searched for in names.
  explicit Suite(const std::string& filter) : filter_{filter} {}

  bool wants(const std::string& name) const { return std::regex_search(name, filter_); }
  /// Whether it wants the workload with one or with two workers.
  bool wants_workers(const std::string& base) const {
    return wants(base) || wants(base + "/workers=1") || wants(base + "/workers=2");
  }
  /// Runs the wanted variants of a group beside its bounds.
  void measure(const Group& group);

  void add(Figure figure);
  void fail(std::string what) { failures_.push_back(std::move(what)); }

  const std::vector<Figure>& figures() const noexcept { return figures_; }
  const std::vector<Honesty>& honesty() const noexcept { return honesty_; }
  /// Wrong answers.
  const std::vector<std::string>& failures() const noexcept { return failures_; }

 private:
  std::regex filter_;
  std::vector<Figure> figures_;
  std::vector<Honesty> honesty_;
  std::vector<std::string> failures_;
};

}  // namespace bench
