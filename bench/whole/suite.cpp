// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/suite.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <optional>

#include "bench/whole/report.hpp"

namespace bench {
namespace {

/// The best of several rounds: wall and CPU time each for itself.
struct Best {
  double per_second = 0;
  double cpu_ns = 0;

  void add(const Run& run) {
    const auto records = static_cast<double>(run.records);
    if (records == 0) return;
    per_second = std::max(per_second, records / run.cost.seconds);
    const double ns = run.cost.cpu_seconds * 1e9 / records;
    cpu_ns = cpu_ns == 0 ? ns : std::min(cpu_ns, ns);
  }
};

void add_smallest(Extra& all, const Extra& round) {
  for (const auto& [name, value] : round) {
    const auto [place, is_new] = all.emplace(name, value);
    if (!is_new) place->second = std::min(place->second, value);
  }
}

/// The rounds of one group.
class Rounds final {
 public:
  Rounds(const Group& group, std::vector<Variant> wanted)
      : group_{group},
        wanted_{std::move(wanted)},
        bests_(wanted_.size()),
        extras_(wanted_.size()),
        loops_(group.calibrations.size()) {}

  void run(Suite& suite) {
    for (int round = 0; round < group_.rounds; ++round) {
      for (std::size_t i = 0; i < loops_.size(); ++i) loops_[i].add(group_.calibrations[i].run());
      for (const auto& bound : group_.bounds) run_bound(bound, suite);
      for (std::size_t i = 0; i < wanted_.size(); ++i) run_variant(i, suite);
    }
  }
  Figure figure(std::size_t i) const {
    return {wanted_[i].name,  wanted_[i].parameters, bests_[i].per_second,
            bests_[i].cpu_ns, bound_.per_second,     bound_.cpu_ns,
            extras_[i]};
  }
  std::size_t count() const { return wanted_.size(); }
  /// By CPU time: what others do to the caches counts here as well, but not that they take turns.
  double quotient(std::size_t loop) const {
    return bound_.cpu_ns > 0 ? loops_[loop].cpu_ns / bound_.cpu_ns : 0;
  }

 private:
  void run_bound(const std::function<Run()>& bound, Suite& suite) {
    const Run run = bound();
    bound_.add(run);
    if (answer_ && *answer_ != run.answer) suite.fail(group_.name + ": two bounds disagree");
    answer_ = run.answer;
  }
  void run_variant(std::size_t i, Suite& suite) {
    Extra extra;
    const Run run = wanted_[i].run(extra);
    bests_[i].add(run);
    add_smallest(extras_[i], extra);
    if (group_.has_same_answer && answer_ && run.answer != *answer_) {
      suite.fail(wanted_[i].name + ": the answer is " + std::to_string(run.answer) + ", not " +
                 std::to_string(*answer_));
    }
  }

  const Group& group_;
  const std::vector<Variant> wanted_;
  std::vector<Best> bests_;
  std::vector<Extra> extras_;
  std::vector<Best> loops_;
  Best bound_;
  std::optional<std::uint64_t> answer_;
};

}  // namespace

void Suite::add(Figure figure) {
  print_row(figure);
  figures_.push_back(std::move(figure));
}

void Suite::measure(const Group& group) {
  std::vector<Variant> wanted;
  std::copy_if(group.variants.begin(), group.variants.end(), std::back_inserter(wanted),
               [this](const Variant& variant) { return wants(variant.name); });
  if (wanted.empty()) return;
  Rounds rounds{group, std::move(wanted)};
  try {
    rounds.run(*this);
  } catch (const std::exception& error) {
    fail(group.name + ": " + error.what());
    return;
  }
  for (std::size_t i = 0; i < rounds.count(); ++i) add(rounds.figure(i));
  for (std::size_t i = 0; i < group.calibrations.size(); ++i) {
    const Calibration& loop = group.calibrations[i];
    honesty_.push_back(
        {group.name + " / " + loop.name, rounds.quotient(i), loop.published_quotient});
  }
}

}  // namespace bench
