// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/testing/world.hpp"
#include "weir/topology.hpp"

namespace simulation {

/// A topology with its input and a plain loop that knows the right output.
class Simulation {
 public:
  virtual ~Simulation() = default;
  virtual std::string name() const = 0;
  /// Puts the input into a new world.
  virtual void prepare(weir::testing::World& world) const = 0;
  virtual void build(weir::Topology& topology, weir::testing::World& world) const = 0;
  /// What is wrong with the committed output; empty: nothing.
  virtual std::string faults(weir::testing::World& world) const = 0;
};

/// What a simulation is made from. `drops_one`: the topology swallows one record, so that whoever
/// verifies has something to find.
struct Setting {
  std::uint64_t seed = 1;
  bool drops_one = false;
};

std::unique_ptr<Simulation> word_count(const Setting& setting);
std::unique_ptr<Simulation> late_sessions(const Setting& setting);
std::unique_ptr<Simulation> timers(const Setting& setting);
std::unique_ptr<Simulation> log_to_log(const Setting& setting);

/// All four.
using Maker = std::function<std::unique_ptr<Simulation>(const Setting&)>;
const std::vector<Maker>& simulations();

/// What came out of many runs.
struct Verdict {
  std::uint64_t effects = 0;  ///< Of a run without crashes.
  std::uint64_t crashes = 0;
  std::uint64_t failed_attempts = 0;  ///< Ended by a fault, tried again in place.
  std::vector<std::string> failures;  ///< Each with what repeats it.

  void add(const Verdict& other);
};

/// Runs without a crash, then with a crash at each effect that there was.
Verdict crash_everywhere(const Maker& make, const Setting& setting);
/// Runs once, with faults drawn from the seed and several crashes at drawn effects.
Verdict swarm(const Maker& make, const Setting& setting);

}  // namespace simulation
