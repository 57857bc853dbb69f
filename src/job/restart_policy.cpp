// SPDX-License-Identifier: Apache-2.0
#include "job/restart_policy.hpp"

#include <algorithm>

#include "weir/error.hpp"
#include "weir/kafka_client.hpp"

namespace weir::inline v0::detail {
namespace {

/// A new client is cheap, and usually all it takes.
constexpr Duration kClientDelay{100};
/// Who is fenced twice within this has a rival.
constexpr std::int64_t kRivalSpanNs = 10'000'000'000;

enum class Cause : std::uint8_t {
  other,
  client,  ///< A new client may be luckier.
  fenced,  ///< Another process has taken the place of this one.
  final,   ///< It would come again.
};

Cause cause_of(const kafka::KafkaError& error) {
  switch (error.kind()) {
    case kafka::KafkaError::Kind::retriable:
    case kafka::KafkaError::Kind::failed:
      return Cause::client;
    case kafka::KafkaError::Kind::fenced:
      return Cause::fenced;
    case kafka::KafkaError::Kind::refused:
      return Cause::final;
  }
  return Cause::other;
}

Cause cause_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ConfigError&) {
    return Cause::final;
  } catch (const IncompatibleState&) {
    return Cause::final;
  } catch (const InternalError&) {
    return Cause::final;
  } catch (const kafka::KafkaError& failed) {
    return cause_of(failed);
  } catch (...) {
    return Cause::other;
  }
}

Duration doubled(Duration delay, std::uint32_t times, Duration max) {
  for (std::uint32_t i = 0; i < times && delay < max; ++i) delay *= 2;
  return std::min(delay, max);
}

}  // namespace

std::optional<Duration> RestartPolicy::on_failure(const std::exception_ptr& error,
                                                  std::int64_t now_ns) {
  const Cause cause = cause_of(error);
  if (cause == Cause::final) return std::nullopt;
  if (cause == Cause::fenced) {
    const bool has_rival = fenced_at_ns_ && now_ns - *fenced_at_ns_ < kRivalSpanNs;
    fenced_at_ns_ = now_ns;
    if (has_rival) return std::nullopt;
  }
  if (cause != Cause::other && client_failures_ < options_.client_attempt_count_max) {
    return doubled(kClientDelay, client_failures_++, options_.delay_max);
  }
  if (failures_ >= options_.attempt_count_max) return std::nullopt;
  return doubled(options_.delay, failures_++, options_.delay_max);
}

}  // namespace weir::inline v0::detail
