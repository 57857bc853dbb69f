// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "weir/detail/state/table.hpp"
#include "weir/state.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// The TTL of a table in numbers; times are milliseconds.
class Aging final {
 public:
  /// has_expired() or may_be_swept().
  using Judgement = bool (Aging::*)(std::int64_t stamp) const noexcept;

  Aging(const TableHost& host, const std::optional<Ttl>& ttl) noexcept
      : host_{host}, is_on_{ttl.has_value()}, ttl_{ttl.value_or(Ttl{})} {}

  bool is_on() const noexcept { return is_on_; }
  /// The stamp of something used now.
  std::int64_t stamp() const noexcept { return host_.time_of_use(ttl_.clock).ms(); }
  bool has_expired(std::int64_t stamp) const noexcept {
    return has_expired_at(stamp, host_.now(ttl_.clock));
  }
  /// Whether something that nobody asks for may go. What is to be returned once more stays until
  /// a cut has left it behind: checkpoints hold nothing that had expired.
  bool may_be_swept(std::int64_t stamp) const noexcept {
    return returns_expired() ? has_expired_at(stamp, host_.cut(ttl_.clock)) : has_expired(stamp);
  }
  bool returns_expired() const noexcept {
    return ttl_.visibility == TtlVisibility::return_if_not_cleaned;
  }
  /// Whether a read now is to be remembered.
  bool wants_refresh(std::int64_t stamp) const noexcept {
    if (ttl_.update != TtlUpdate::on_read_and_write) return false;
    const std::int64_t age = saturating_subtract(this->stamp(), stamp);
    return age > 0 && age >= ttl_.ttl.count() / kGrains;
  }

 private:
  static constexpr std::int64_t kGrains = 16;

  bool has_expired_at(std::int64_t stamp, EventTime now) const noexcept {
    return saturating_add(stamp, ttl_.ttl.count()) <= now.ms();
  }

  const TableHost& host_;
  const bool is_on_;
  const Ttl ttl_;
};

}  // namespace weir::inline v0::detail
