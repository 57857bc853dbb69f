// SPDX-License-Identifier: Apache-2.0
#include "state/delta_fold.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "weir/detail/state/entry_key.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{1} << 20;

std::uint64_t bytes_behind_place(std::string_view key) {
  std::uint64_t bytes = 0;
  const std::size_t size = std::min(sizeof bytes, key.size() - kPlaceBytes);
  std::memcpy(&bytes, key.data() + kPlaceBytes, size);
  return __builtin_bswap64(bytes);
}

bool is_point(StateOpKind kind) {
  return kind != StateOpKind::truncate_front && kind != StateOpKind::drop_table;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// Hands out operations that lie in a vector.
class VectorCursor final : public OpCursor {
 public:
  explicit VectorCursor(const std::vector<StateOp>& ops) : ops_{ops} {}
  bool next(StateOp& op) override {
    if (at_ == ops_.size()) return false;
    op = ops_[at_++];
    return true;
  }

 private:
  const std::vector<StateOp>& ops_;
  std::size_t at_ = 0;
};

/// The ranges met so far while folding in the order of keys: at most one place and one key at a
/// time can still cover what follows.
class OpenRanges {
 public:
  void drop(std::string_view place, std::uint32_t delta) {
    place_ = place;
    dropped_by_ = delta;
  }
  void truncate(std::string_view key, std::string_view limit, std::uint32_t delta) {
    if (key != key_) cuts_.clear();
    key_ = key;
    cuts_.push_back({limit, delta});
  }
  /// Whether a range of a later delta erases an entry that `delta` put.
  bool erase_from(std::string_view key, std::uint32_t delta) const {
    if (!place_.empty() && delta < dropped_by_ && starts_with(key, place_)) return true;
    if (cuts_.empty() || !starts_with(key, key_)) return false;
    const std::string_view subkey = key.substr(key_.size());
    return std::any_of(cuts_.begin(), cuts_.end(), [&](const Cut& cut) {
      return delta < cut.delta && (cut.limit.empty() || subkey < cut.limit);
    });
  }

 private:
  struct Cut {
    std::string_view limit;
    std::uint32_t delta;
  };
  std::string_view place_;
  std::uint32_t dropped_by_ = 0;
  std::string_view key_;
  std::vector<Cut> cuts_;
};

bool reaches_further(std::string_view a, std::string_view b) {
  return a.empty() || (!b.empty() && a > b);
}

}  // namespace

void DeltaFold::add_stable(OpCursor& delta) {
  StateOp op;
  while (delta.next(op)) take(op);
  ++deltas_;
}

void DeltaFold::add(OpCursor& delta) {
  StateOp op;
  while (delta.next(op)) {
    op.key = keep(op.key);
    op.value = keep(op.value);
    take(op);
  }
  ++deltas_;
}

void DeltaFold::take(const StateOp& op) {
  items_.push_back({bytes_behind_place(op.key), op, deltas_});
}

std::string_view DeltaFold::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (arena_.empty() || arena_.back()->capacity() - arena_.back()->size() < bytes.size()) {
    arena_.push_back(std::make_unique<std::string>());
    arena_.back()->reserve(std::max(kArenaBytes, bytes.size()));
  }
  std::string& chunk = *arena_.back();  // Never grows beyond its capacity: views stay.
  const std::size_t at = chunk.size();
  chunk += bytes;
  return std::string_view{chunk}.substr(at);
}

std::unique_ptr<OpCursor> DeltaFold::finish() {
  fold();
  return std::make_unique<VectorCursor>(ops_);
}

/// By key; of one key ranges first; then by delta.
bool DeltaFold::is_before(const Item& a, const Item& b) {
  const int places = std::memcmp(a.op.key.data(), b.op.key.data(), kPlaceBytes);
  if (places != 0) return places < 0;
  if (a.sort_bytes != b.sort_bytes) return a.sort_bytes < b.sort_bytes;
  const int keys = a.op.key.compare(b.op.key);
  if (keys != 0) return keys < 0;
  if (is_point(a.op.kind) != is_point(b.op.kind)) return is_point(b.op.kind);
  return a.delta < b.delta;
}

void DeltaFold::fold() {
  std::sort(items_.begin(), items_.end(), is_before);
  OpenRanges ranges;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const StateOp& op = items_[i].op;
    if (op.kind == StateOpKind::drop_table) ranges.drop(op.key, items_[i].delta);
    if (op.kind == StateOpKind::truncate_front) ranges.truncate(op.key, op.value, items_[i].delta);
    // The last one of those with this key and kind counts; of ranges, the furthest.
    if (!is_point(op.kind)) {
      const bool repeats =
          !ops_.empty() && ops_.back().kind == op.kind && ops_.back().key == op.key;
      if (!repeats) {
        ops_.push_back(op);
      } else if (reaches_further(op.value, ops_.back().value)) {
        ops_.back().value = op.value;
      }
      continue;
    }
    const bool is_last = i + 1 == items_.size() || items_[i + 1].op.key != op.key;
    if (is_last && !ranges.erase_from(op.key, items_[i].delta)) ops_.push_back(op);
  }
  items_.clear();
}

// --- merging -----------------------------------------------------------------------------------

MergeCursor::MergeCursor(EntryCursor* base, OpCursor& folded) : base_{base}, folded_{folded} {
  advance_base();
  advance_op();
}

void MergeCursor::advance_base() {
  has_base_ = base_ != nullptr && base_->next(base_key_, base_value_);
}

void MergeCursor::advance_op() { has_op_ = folded_.next(op_); }

void MergeCursor::note_range() {
  if (op_.kind == StateOpKind::drop_table) {
    dropped_ = op_.key;
  } else {
    truncated_ = op_.key;
    truncate_limit_ = op_.value;
  }
}

bool MergeCursor::base_survives() const {
  if (!dropped_.empty() && starts_with(base_key_, dropped_)) return false;
  if (truncated_.empty() || !starts_with(base_key_, truncated_)) return true;
  return !truncate_limit_.empty() && base_key_.substr(truncated_.size()) >= truncate_limit_;
}

bool MergeCursor::next(std::string_view& key, std::string_view& value) {
  if (given_ == Given::base) advance_base();
  if (given_ == Given::op) advance_op();
  given_ = Given::nothing;
  while (has_base_ || has_op_) {
    if (!has_op_ || (has_base_ && base_key_ < op_.key)) {
      if (base_survives()) {
        key = base_key_;
        value = base_value_;
        given_ = Given::base;
        return true;
      }
      advance_base();
    } else if (!is_point(op_.kind)) {
      note_range();
      advance_op();
    } else {
      if (has_base_ && base_key_ == op_.key) advance_base();  // Replaced, or erased.
      if (op_.kind != StateOpKind::erase) {
        key = op_.key;
        value = op_.value;
        given_ = Given::op;
        return true;
      }
      advance_op();
    }
  }
  return false;
}

}  // namespace weir::inline v0::detail
