// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <exception>

#include "weir/random.hpp"

namespace simulation {
namespace {

using weir::Topology;
using weir::testing::World;
using weir::testing::WorldOptions;

constexpr std::size_t kCrashesPerSwarm = 4;

/// Runs one world to its end. Returns what is wrong; empty: nothing.
std::string run(const Simulation& simulation, World& world) {
  try {
    world.run([&](Topology& topology, World& at) { simulation.build(topology, at); });
    return simulation.faults(world);
  } catch (const std::exception& error) {
    return std::string{"it threw: "} + error.what();
  }
}

/// Effects of the preparation, before any job: no crash belongs there.
std::uint64_t prepare(const Simulation& simulation, World& world) {
  simulation.prepare(world);
  return world.effect_count();
}

std::string where(const Simulation& simulation, const Setting& setting, const std::string& what) {
  return simulation.name() + ", seed " + std::to_string(setting.seed) + ", " + what + ": ";
}

}  // namespace

void Verdict::add(const Verdict& other) {
  effects += other.effects;
  crashes += other.crashes;
  failed_attempts += other.failed_attempts;
  failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

Verdict crash_everywhere(const Maker& make, const Setting& setting) {
  const std::unique_ptr<Simulation> simulation = make(setting);
  WorldOptions options = WorldOptions::drawn(setting.seed);
  Verdict verdict;
  World calm{options};
  const std::uint64_t first = prepare(*simulation, calm) + 1;
  const std::string fault = run(*simulation, calm);
  if (!fault.empty()) {
    verdict.failures.push_back(where(*simulation, setting, "no crash") + fault);
    return verdict;
  }
  verdict.effects = calm.effect_count() - first + 1;
  for (std::uint64_t effect = first; effect <= calm.effect_count(); ++effect) {
    options.crashes = {effect};
    World world{options};
    prepare(*simulation, world);
    const std::string found = run(*simulation, world);
    verdict.crashes += world.crash_count();
    if (found.empty() && world.crash_count() == 1) continue;
    verdict.failures.push_back(
        where(*simulation, setting, "crash at effect " + std::to_string(effect)) +
        (found.empty() ? "it did not crash" : found));
  }
  return verdict;
}

Verdict swarm(const Maker& make, const Setting& setting) {
  const std::unique_ptr<Simulation> simulation = make(setting);
  WorldOptions options = WorldOptions::drawn(setting.seed, true);
  weir::Random random{setting.seed};
  for (std::size_t crash = 0; crash < kCrashesPerSwarm; ++crash) {
    options.crashes.push_back(20 + random.below(300));
  }
  std::sort(options.crashes.begin(), options.crashes.end());
  World world{options};
  prepare(*simulation, world);
  Verdict verdict;
  const std::string fault = run(*simulation, world);
  verdict.crashes = world.crash_count();
  verdict.failed_attempts = world.failure_count();
  if (!fault.empty()) verdict.failures.push_back(where(*simulation, setting, "swarm") + fault);
  return verdict;
}

const std::vector<Maker>& simulations() {
  static const std::vector<Maker> all{word_count, late_sessions, timers, log_to_log};
  return all;
}

}  // namespace simulation
