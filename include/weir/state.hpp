// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

namespace detail {
class StoreFactory;
struct StoreContext;
}  // namespace detail

/// What keeps a value alive.
enum class TtlUpdate : std::uint8_t { on_write, on_read_and_write };
/// By which clock values grow old.
enum class TtlClock : std::uint8_t { event, processing };
/// Whether a value that has expired, but is still there, may be seen.
enum class TtlVisibility : std::uint8_t {
  never_return_expired,
  return_if_not_cleaned,  ///< It is returned once more; that read removes it.
};

/// How long a value lives after it was last used. It has expired when last use + ttl <= now.
///
///     Ttl{.ttl = 24h, .clock = TtlClock::processing}
///
/// Elements of lists and maps expire one by one. A read refreshes the last use only if that is
/// ttl/16 or more ago. Changing the length is free; turning a ttl on or off changes the format of
/// the stored values, and is refused like any other change of type.
struct Ttl {
  Duration ttl{0};
  TtlUpdate update = TtlUpdate::on_write;
  TtlClock clock = TtlClock::event;
  TtlVisibility visibility = TtlVisibility::never_return_expired;
};

/// Where the state of keyed stages lives: JobOptions::state. One object may serve several jobs.
class WEIR_API StateBackend {
 public:
  virtual ~StateBackend() = default;

  /// For the printed options: "in memory", "rocksdb in /var/lib/app".
  virtual std::string describe() const = 0;
  /// Opens the places where cold state lies for one job. Directories that are left from an
  /// earlier process are emptied: what counts is in the checkpoints.
  /// Throws: LockedError, if another process uses them; IoError.
  virtual std::unique_ptr<detail::StoreFactory> open(const detail::StoreContext& context) = 0;
};

/// All state stays in memory; checkpoints hold what changed, and from time to time all of it.
WEIR_API std::shared_ptr<StateBackend> in_memory_state();

}  // namespace weir::inline v0
