// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/targets.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace bench {
namespace {

/// `what` of the figure `name`: "ratio", "scaling" (of records/s over those of the same with
/// workers=1), or the name of something else that was measured.
struct Target {
  const char* name;
  const char* what;
  double at_least = 0;
  double at_most = 0;  ///< 0: no limit.
};

constexpr Target kTargets[] = {
    {"tumbling_count/keys=1000/workers=1", "ratio", 0.15},
    {"tumbling_count/keys=10000/workers=1", "ratio", 0.15},
    {"tumbling_count/keys=100000/workers=1", "ratio", 0.15},
    {"tumbling_count/keys=1000000/workers=1", "ratio", 0.2},
    {"tumbling_count/keys=10000/workers=2", "scaling", 1.6},
    {"tumbling_count/keys=100000/workers=2", "scaling", 1.6},
    {"word_count", "ratio", 0.5},
    {"stateless_chain", "ratio", 0.25},
    {"checkpoint/every=100ms", "ratio", 0.85},
    {"checkpoint/pause", "pause_ms", 0, 10},
    {"rocksdb/fits", "ratio", 0.8},
    {"rocksdb/zipf/budget=10x", "ratio", 3},
    {"rocksdb/zipf/budget=10x", "memory_share", 0, 1},
    {"rocksdb/uniform/budget=10x", "memory_share", 0, 1},
    {"idle", "cpu_share", 0, 0.01},
};

/// A bound counts as honest from this share of the published quotient on.
constexpr double kHonestShare = 0.8;
/// What two threads must reach before the scaling of weir means anything.
constexpr double kMachineScaling = 1.8;

const Figure* find(const Suite& suite, const std::string& name) {
  const auto& figures = suite.figures();
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const Figure& figure) { return figure.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

std::string with_one_worker(std::string name) {
  const std::string two = "workers=2";
  const std::size_t at = name.find(two);
  return at == std::string::npos ? name : name.replace(at, two.size(), "workers=1");
}

std::optional<double> measured(const Suite& suite, const Figure& figure, const std::string& what) {
  if (what == "ratio") return figure.ratio();
  if (what == "scaling") {
    const Figure* const one = find(suite, with_one_worker(figure.name));
    if (one == nullptr) return std::nullopt;
    return figure.per_second / one->per_second;
  }
  const auto found = figure.extra.find(what);
  if (found == figure.extra.end()) return std::nullopt;
  return found->second;
}

std::string text_of(const Target& target, double value) {
  char text[160];
  std::snprintf(text, sizeof text, "%s: %s is %.3g, wanted %s %g", target.name, target.what, value,
                target.at_most > 0 ? "at most" : "at least",
                target.at_most > 0 ? target.at_most : target.at_least);
  return text;
}

Verdict judge(const Target& target, double value, double machine_scaling) {
  if (target.what == std::string{"scaling"} && machine_scaling < kMachineScaling) {
    return {Verdict::Kind::not_checked, text_of(target, value) + ": two threads reach only " +
                                            std::to_string(machine_scaling) + " of one here"};
  }
  const bool is_met = value >= target.at_least && (target.at_most == 0 || value <= target.at_most);
  return {is_met ? Verdict::Kind::met : Verdict::Kind::missed, text_of(target, value)};
}

}  // namespace

std::vector<Verdict> check(const Suite& suite, double machine_scaling) {
  std::vector<Verdict> verdicts;
  for (const Target& target : kTargets) {
    const Figure* const figure = find(suite, target.name);
    if (figure == nullptr) continue;
    if (const auto value = measured(suite, *figure, target.what)) {
      verdicts.push_back(judge(target, *value, machine_scaling));
    }
  }
  for (const Honesty& line : suite.honesty()) {
    if (line.published == 0 || line.share() >= kHonestShare) continue;
    verdicts.push_back({Verdict::Kind::missed, line.name + ": the bound is too slow"});
  }
  for (const std::string& failure : suite.failures()) {
    verdicts.push_back({Verdict::Kind::missed, failure});
  }
  return verdicts;
}

}  // namespace bench
