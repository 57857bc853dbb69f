// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>

#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// Decides whether and when a failed attempt is followed by another.
class WEIR_API RestartPolicy final {
 public:
  explicit RestartPolicy(const RestartOptions& options) : options_{options} {}

  /// An attempt failed with `error`: how long to wait before the next; nullopt: there is none.
  /// Errors that would come again (configuration, incompatible state, broken invariants) end the
  /// job at once.
  std::optional<Duration> on_failure(const std::exception_ptr& error);
  /// A checkpoint was committed: the failures before it no longer count.
  void on_progress() noexcept { failures_ = 0; }

 private:
  const RestartOptions options_;
  std::uint32_t failures_ = 0;
};

}  // namespace weir::inline v0::detail
