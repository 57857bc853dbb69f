// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "weir/random.hpp"

namespace weir::inline v0::testing {

/// Draws sets of options for simulations, swarm-wise: in one run some faults never happen and
/// others often do. Runs that differ so find more than runs in which everything happens sometimes.
///
///     Swarm swarm{seed};
///     options.commit_refused = swarm.probability(0.2);   // 0 half of the time
///     options.workers = swarm.one_of({1, 2, 5});
class Swarm final {
 public:
  explicit Swarm(std::uint64_t seed) noexcept : random_{seed} {}

  /// 0 in half of all runs, `frequent` in a quarter, a tenth of that in the rest.
  double probability(double frequent) noexcept {
    const std::uint64_t drawn = random_.below(4);
    if (drawn < 2) return 0;
    return drawn == 2 ? frequent : frequent / 10;
  }
  /// One of the values, each as likely as the others. Requires: there is one.
  template <class T>
  T one_of(std::initializer_list<T> values) noexcept {
    return values.begin()[random_.below(values.size())];
  }
  bool coin() noexcept { return random_.chance(0.5); }
  /// For whatever else is drawn.
  Random& random() noexcept { return random_; }

 private:
  Random random_;
};

}  // namespace weir::inline v0::testing
