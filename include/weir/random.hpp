// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace weir::inline v0 {

/// Pseudo-random numbers from a seed, the same on every machine and in every version: for tests,
/// simulations and generators of data. (xoshiro256**, seeded by splitmix64.) Not for secrets.
/// Fits the algorithms of <algorithm> too, whose results differ between standard libraries; the
/// members here do not. Not thread-safe; give each thread its own by `fork()`.
class Random final {
 public:
  using result_type = std::uint64_t;

  explicit constexpr Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) word = split_mix(seed);
  }

  /// 64 random bits.
  constexpr std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// A number in [0, bound), each as likely as the others. Requires: bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    // What is left of 2^64 divided by bound is drawn again, lest small numbers be likelier.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t drawn = next();
    while (drawn < unfair) drawn = next();
    return drawn % bound;
  }

  /// A number in [first, last]. Requires: first <= last.
  constexpr std::int64_t between(std::int64_t first, std::int64_t last) noexcept {
    const auto span = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
    const std::uint64_t step =
        span == std::numeric_limits<std::uint64_t>::max() ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + step);
  }

  /// A number in [0, 1).
  constexpr double real() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// True with the given probability: never at 0, always at 1.
  constexpr bool chance(double probability) noexcept { return real() < probability; }

  /// One element of an indexable container. Requires: it is not empty.
  template <class Container>
  constexpr auto& pick(Container& container) noexcept {
    return container[static_cast<std::size_t>(below(container.size()))];
  }

  /// Puts an indexable container into a random order, each as likely as the others.
  template <class Container>
  constexpr void shuffle(Container& container) noexcept {
    using std::swap;
    for (std::size_t left = container.size(); left > 1; --left) {
      swap(container[left - 1], container[static_cast<std::size_t>(below(left))]);
    }
  }

  /// A generator whose numbers have nothing to do with what follows here.
  constexpr Random fork() noexcept { return Random{next()}; }

  static constexpr std::uint64_t min() noexcept { return 0; }
  static constexpr std::uint64_t max() noexcept {
    return std::numeric_limits<std::uint64_t>::max();
  }
  constexpr std::uint64_t operator()() noexcept { return next(); }

 private:
  static constexpr std::uint64_t split_mix(std::uint64_t& state) noexcept {
    std::uint64_t mixed = (state += 0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t state_[4] = {};
};

}  // namespace weir::inline v0
