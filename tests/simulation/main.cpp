// SPDX-License-Identifier: Apache-2.0
// Crashes four topologies at every numbered effect, over many seeds.
// Usage: simulation [--seeds N] [--first SEED] [--drop-one]
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/simulation/simulation.hpp"

namespace {

using simulation::Setting;
using simulation::Verdict;

struct Arguments {
  std::uint64_t seeds = 20;
  std::uint64_t first = 1;
  bool drops_one = false;
  bool are_valid = true;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int index = 1; index < count; ++index) {
    const std::string name = values[index];
    if (name == "--drop-one") {
      arguments.drops_one = true;
    } else if ((name == "--seeds" || name == "--first") && index + 1 < count) {
      std::uint64_t& number = name == "--seeds" ? arguments.seeds : arguments.first;
      number = std::strtoull(values[++index], nullptr, 10);
      arguments.are_valid = arguments.are_valid && number > 0;
    } else {
      arguments.are_valid = false;
    }
  }
  return arguments;
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments = parse(count, values);
  if (!arguments.are_valid) {
    std::cerr << "usage: simulation [--seeds N] [--first SEED] [--drop-one]\n";
    return 2;
  }
  Verdict all;
  for (const simulation::Maker& make : simulation::simulations()) {
    Verdict verdict;
    for (std::uint64_t number = 0; number < arguments.seeds; ++number) {
      const Setting setting{arguments.first + number, arguments.drops_one};
      verdict.add(simulation::crash_everywhere(make, setting));
      verdict.add(simulation::swarm(make, setting));
    }
    std::cout << make({})->name() << ": " << verdict.effects / arguments.seeds
              << " effects per run, " << verdict.crashes << " crashes, " << verdict.failed_attempts
              << " failed attempts, " << verdict.failures.size() << " failures" << std::endl;
    for (const std::string& failure : verdict.failures) std::cout << "  " << failure << '\n';
    all.add(verdict);
  }
  std::cout << arguments.seeds << " seeds, " << all.crashes << " crashes, " << all.failures.size()
            << " failures" << std::endl;
  return all.failures.empty() ? 0 : 1;
}
