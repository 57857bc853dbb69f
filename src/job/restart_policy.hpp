// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>

#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// Decides whether and when a failed attempt is followed by another.
///
/// Failures of a client that a new one may survive have a count of their own; when it is used up,
/// they are failures like any other. Two processes of one name fence each other in turn: who is
/// fenced again within seconds gives way.
class WEIR_API RestartPolicy final {
 public:
  explicit RestartPolicy(const RestartOptions& options) : options_{options} {}

  /// An attempt failed with `error` at `now_ns` (monotonic): how long to wait before the next;
  /// nullopt: there is none. Errors that would come again (configuration, incompatible state,
  /// broken invariants, what a broker refuses) end the job at once.
  std::optional<Duration> on_failure(const std::exception_ptr& error, std::int64_t now_ns);
  /// A checkpoint was committed: the failures before it no longer count.
  void on_progress() noexcept {
    failures_ = 0;
    client_failures_ = 0;
  }

 private:
  const RestartOptions options_;
  std::uint32_t failures_ = 0;
  std::uint32_t client_failures_ = 0;
  std::optional<std::int64_t> fenced_at_ns_;
};

}  // namespace weir::inline v0::detail
