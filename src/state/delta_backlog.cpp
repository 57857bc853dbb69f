// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/state/delta_backlog.hpp"

#include <limits>
#include <utility>

#include "state/delta_fold.hpp"
#include "state/state_stream.hpp"

namespace weir::inline v0::detail {

void DeltaBacklog::add(std::uint32_t number, CheckpointId checkpoint,
                       std::shared_ptr<const std::string> bytes, bool is_empty) {
  const std::lock_guard lock{mutex_};
  bytes_.fetch_add(bytes->size(), std::memory_order_relaxed);
  deltas_.push_back({number, checkpoint, std::move(bytes), is_empty, false});
}

bool DeltaBacklog::commit(CheckpointId checkpoint) {
  const std::lock_guard lock{mutex_};
  for (Delta& each : deltas_) {
    if (each.checkpoint > checkpoint || each.is_committed) continue;
    each.is_committed = true;
    committed_bytes_.fetch_add(each.bytes->size(), std::memory_order_relaxed);
  }
  return !deltas_.empty() && deltas_.front().is_committed;
}

void DeltaBacklog::reset(std::uint32_t next, CheckpointId held) {
  const std::lock_guard lock{mutex_};
  deltas_.clear();
  bytes_.store(0, std::memory_order_relaxed);
  committed_bytes_.store(0, std::memory_order_relaxed);
  applied_.store(next - 1, std::memory_order_release);
  held_first_ = held_last_ = held;
}

bool DeltaBacklog::apply() { return apply_up_to({std::numeric_limits<std::uint64_t>::max()}); }

std::optional<Base> DeltaBacklog::make_base(const BaseRequest& request) {
  apply_up_to(request.cut.checkpoint);
  const bool is_held =
      held_first_ <= request.cut.checkpoint && request.cut.checkpoint <= held_last_;
  if (store_->is_cold() && !is_held) return std::nullopt;
  return store_->make_base(request);
}

std::deque<DeltaBacklog::Delta> DeltaBacklog::take_committed(CheckpointId last) {
  const std::lock_guard lock{mutex_};
  std::deque<Delta> taken;
  for (const Delta& each : deltas_) {
    if (!each.is_committed || each.checkpoint > last) break;
    taken.push_back(each);
  }
  return taken;
}

bool DeltaBacklog::apply_up_to(CheckpointId last) {
  const std::deque<Delta> taken = take_committed(last);
  if (taken.empty()) return false;
  DeltaFold fold;
  StreamHeader header;
  std::uint64_t bytes = 0;
  for (const Delta& each : taken) {
    RawDeltaReader reader{*each.bytes};
    fold.add_stable(reader);
    header = reader.header();
    bytes += each.bytes->size();
  }
  store_->apply(*fold.finish(), header.cut, header.schema);
  held_last_ = header.cut.checkpoint;
  for (const Delta& each : taken) {
    if (!each.is_empty) held_first_ = each.checkpoint;
  }
  {
    const std::lock_guard lock{mutex_};
    deltas_.erase(deltas_.begin(), deltas_.begin() + static_cast<std::ptrdiff_t>(taken.size()));
  }
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  committed_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  applied_.store(taken.back().number, std::memory_order_release);
  return true;
}

}  // namespace weir::inline v0::detail
