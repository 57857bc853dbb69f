// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "weir/detail/state/shard_store.hpp"
#include "weir/detail/state/table_schema.hpp"
#include "weir/export.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0::detail {

/// The deltas of one shard that the store has not got yet, in order.
///
/// A mutex, because two threads share the list for the time of a push or a pop: the worker adds at
/// barriers and commits, the background thread takes away. Nothing is done under the lock.
class WEIR_API DeltaBacklog final {
 public:
  explicit DeltaBacklog(std::shared_ptr<ShardStore> store) : store_{std::move(store)} {}

  // --- the worker

  /// The next delta; `number` is the shard's own count of them, `bytes` what a DeltaWriter took;
  /// `is_empty` if there is no operation in them.
  void add(std::uint32_t number, CheckpointId checkpoint, std::shared_ptr<const std::string> bytes,
           bool is_empty);
  /// Deltas up to this checkpoint may be applied. Returns whether there are any.
  bool commit(CheckpointId checkpoint);
  /// Forgets all deltas; the next one to be added is `next`. No apply() may run.
  /// The store holds `held` now.
  void reset(std::uint32_t next, CheckpointId held);

  // --- any thread

  /// The last delta that is in the store.
  std::uint32_t applied() const noexcept { return applied_.load(std::memory_order_acquire); }
  /// Bytes of the deltas that wait.
  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  /// Bytes of those that are committed.
  std::uint64_t committed_bytes() const noexcept {
    return committed_bytes_.load(std::memory_order_relaxed);
  }

  // --- the background thread: one call at a time, of these and of the store's own that change it

  /// Folds the committed deltas and gives them to the store. False: there were none. After an
  /// exception the same ones are done again by the next call.
  bool apply();
  /// Brings the store to the request's cut, exactly, and makes a base of it. Empty: the store is
  /// past it already, or the checkpoint is not committed.
  std::optional<Base> make_base(const BaseRequest& request);

 private:
  struct Delta {
    std::uint32_t number;
    CheckpointId checkpoint;
    std::shared_ptr<const std::string> bytes;
    bool is_empty = false;
    bool is_committed = false;
  };

  /// Copies of the committed ones, up to `last`.
  std::deque<Delta> take_committed(CheckpointId last);
  bool apply_up_to(CheckpointId last);

  const std::shared_ptr<ShardStore> store_;
  std::mutex mutex_;  // Guards deltas_.
  std::deque<Delta> deltas_;
  std::atomic<std::uint32_t> applied_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> committed_bytes_{0};
  // The background thread's: the store holds these checkpoints, which do not differ.
  CheckpointId held_first_;
  CheckpointId held_last_;
};

}  // namespace weir::inline v0::detail
