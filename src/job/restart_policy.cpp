// SPDX-License-Identifier: Apache-2.0
#include "job/restart_policy.hpp"

#include <algorithm>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

bool is_final(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ConfigError&) {
    return true;
  } catch (const IncompatibleState&) {
    return true;
  } catch (const InternalError&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::optional<Duration> RestartPolicy::on_failure(const std::exception_ptr& error) {
  if (is_final(error) || failures_ >= options_.attempt_count_max) return std::nullopt;
  Duration delay = options_.delay;
  for (std::uint32_t i = 0; i < failures_ && delay < options_.delay_max; ++i) delay *= 2;
  ++failures_;
  return std::min(delay, options_.delay_max);
}

}  // namespace weir::inline v0::detail
