// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/effects.hpp"

namespace weir::inline v0::testing {

Effects::Effects(const Options& options) : random_{options.seed}, crash_at_{options.crash_at} {}

Effects::Fate Effects::next(std::string_view operation, std::string_view object) {
  const std::lock_guard lock{mutex_};
  if (is_dead_) throw SimulatedCrash{};
  ++count_;
  last_ = std::to_string(count_) + ": ";
  last_.append(operation).append(" ").append(object);
  if (count_ != crash_at_) return Fate::happens;
  return random_.chance(0.5) ? Fate::crash_before : Fate::crash_after;
}

void Effects::check_alive(std::uint64_t generation) const {
  const std::lock_guard lock{mutex_};
  if (is_dead_ || generation != generation_) throw SimulatedCrash{};
}

std::uint64_t Effects::count() const {
  const std::lock_guard lock{mutex_};
  return count_;
}

std::string Effects::last() const {
  const std::lock_guard lock{mutex_};
  return last_;
}

bool Effects::has_crashed() const {
  const std::lock_guard lock{mutex_};
  return is_dead_;
}

std::uint64_t Effects::generation() const {
  const std::lock_guard lock{mutex_};
  return generation_;
}

void Effects::crash_at(std::optional<std::uint64_t> effect) {
  const std::lock_guard lock{mutex_};
  crash_at_ = effect;
}

void Effects::die() {
  {
    const std::lock_guard lock{mutex_};
    is_dead_ = true;
  }
  throw SimulatedCrash{};
}

void Effects::restart() {
  const std::lock_guard lock{mutex_};
  is_dead_ = false;
  crash_at_.reset();
  ++generation_;
}

}  // namespace weir::inline v0::testing
