// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/effects.hpp"

#include <utility>

namespace weir::inline v0::testing {

Effects::Effects(const Options& options) : random_{options.seed}, crash_at_{options.crash_at} {}

Effects::Fate Effects::next(std::string_view operation, std::string_view object) {
  const std::lock_guard lock{mutex_};
  if (is_dead_) throw SimulatedCrash{};
  ++count_;
  last_ = std::to_string(count_) + ": ";
  const std::size_t number_bytes = last_.size();
  last_.append(operation).append(" ").append(object);
  if (is_at_point(std::string_view{last_}.substr(number_bytes))) {
    const bool is_before = crash_point_->moment == CrashPoint::Moment::before;
    return is_before ? Fate::crash_before : Fate::crash_after;
  }
  if (count_ != crash_at_) return Fate::happens;
  return random_.chance(0.5) ? Fate::crash_before : Fate::crash_after;
}

bool Effects::is_at_point(std::string_view effect) {
  if (!crash_point_ || effect.substr(0, crash_point_->effect.size()) != crash_point_->effect) {
    return false;
  }
  return --crash_point_->occurrence == 0;
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

void Effects::crash_at(CrashPoint point) {
  const std::lock_guard lock{mutex_};
  crash_point_ = std::move(point);
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
  crash_point_.reset();
  ++generation_;
}

}  // namespace weir::inline v0::testing
