// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/slot_table.hpp"
#include "weir/detail/state/table.hpp"

namespace weir::inline v0::detail {

/// What keyed tables, lists and maps have in common: entries that are live or known to be absent,
/// clean or dirty, hot or cold.
///
/// Invariants:
/// 1. Without a value (a tombstone) an entry stays while the store may still have an older one:
///    until its last delta is applied. Without a store: until the next delta.
/// 2. An entry may leave memory when it is clean and its last delta is applied: the store then has
///    its latest value. From then on the table is incomplete, and asks the store on a miss.
/// 3. kDirty is set in the slot exactly if its bit is set in `dirty_`; where no deltas are kept,
///    kDirty alone is set, for ever.
template <class K, class Value>
class EntryTable final {
  using Slots = SlotTable<K, Value>;

 public:
  using Slot = typename Slots::SlotType;

  EntryTable(TableHost& host, const TablePlace& place)
      : host_{host},
        place_{place_bytes(place)},
        base_flags_{(host.keeps_deltas ? 0 : kDirty) | (host.store == nullptr ? kHot : 0) |
                    kPlain} {}

  TableHost& host() const noexcept { return host_; }
  const PlaceBytes& place() const noexcept { return place_; }
  /// Serves another place from now on. Requires: the table is empty.
  void move_to(const TablePlace& place) noexcept { place_ = place_bytes(place); }

  // --- look-ups

  Slot* lookup(std::uint64_t hash, const K& key) noexcept { return slots_.find(hash, key); }
  /// The value may be used at once: nothing has to be noted.
  static bool is_ready_to_read(const Slot& slot) noexcept {
    return (slot.flags & kReadReady) == kReadReady;
  }
  static bool is_ready_to_write(const Slot& slot) noexcept {
    return (slot.flags & kWriteReady) == kWriteReady;
  }
  static bool is_live(const Slot& slot) noexcept { return (slot.flags & kHasValue) != 0; }
  /// Neither a delta nor the store has it.
  static bool is_fresh(const Slot& slot) noexcept { return (slot.flags & kFresh) != 0; }
  /// Counts a use: only what was used again after it came counts as hot.
  static void touch(Slot& slot) noexcept {
    if ((slot.flags & kAwaited) != 0) {
      slot.flags &= ~kAwaited;
    } else {
      slot.flags |= (slot.flags & kTouched) != 0 ? kHot : kTouched;
    }
  }
  bool exceeds_cache() const noexcept { return slots_.bytes() > kCacheBytes; }
  void prefetch(std::uint64_t hash) const noexcept { slots_.prefetch(hash); }

  // --- changes

  /// Adds an entry without a value. Others may move. Requires: the key is absent.
  Slot& insert(std::uint64_t hash, const K& key) {
    if (slots_.is_full()) make_room();
    Slot& slot = slots_.insert(hash, key);
    slot.flags = base_flags_;
    return slot;
  }
  /// What has just been inserted is nowhere else.
  static void mark_fresh(Slot& slot) noexcept { slot.flags |= kFresh; }
  template <class Make>
  Value& construct(Slot& slot, Make&& make) {
    std::construct_at(reinterpret_cast<Value*>(slot.value_bytes), make());
    slot.flags |= kHasValue;
    ++live_count_;
    return slot.value();
  }
  void mark_dirty(Slot& slot) {
    if ((slot.flags & kDirty) != 0) return;
    slot.flags |= kDirty;
    const std::size_t index = slots_.index(slot);
    if (dirty_.size() * 64 < slots_.capacity()) dirty_.resize((slots_.capacity() + 63) / 64);
    dirty_[index / 64] |= std::uint64_t{1} << (index % 64);
    ++dirty_count_;
  }
  /// Ends the entry; others may move. Requires: is_live(slot).
  void erase(Slot& slot) {
    destroy_value(slot);
    const bool leaves_no_trace =
        host_.store == nullptr && (is_fresh(slot) || !host_.keeps_deltas) && pins_ == 0;
    if (leaves_no_trace) {
      remove(slot);
    } else if (is_fresh(slot)) {
      unmark_dirty(slot);
    } else {
      mark_dirty(slot);
    }
  }

  /// What collect() has just written has ended.
  void end_value(Slot& slot) noexcept { destroy_value(slot); }
  /// Takes an entry out without a trace, while restoring.
  void discard(Slot& slot) {
    if (is_live(slot)) destroy_value(slot);
    remove(slot);
  }

  void mark_all_dirty() {
    for_each_slot([this](Slot& slot) {
      if (is_live(slot)) mark_dirty(slot);
    });
  }
  /// Calls write(slot) for each dirty entry, live or not, and makes it clean.
  template <class Write>
  void collect(Write&& write) {
    frozen_count_ = dirty_count_;
    for (std::size_t word = 0; word < dirty_.size() && dirty_count_ > 0; ++word) {
      prefetch_word(word + 1);
      while (dirty_[word] != 0) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(dirty_[word]));
        Slot& slot = slots_.at(word * 64 + bit);
        unmark_dirty(slot);
        slot.flags &= ~kFresh;
        slot.delta = host_.delta;
        write(slot);
        // A dirty entry that closes the gap takes this bit, or one that is still to come.
        if (!is_live(slot) && host_.store == nullptr && pins_ == 0) remove(slot);
      }
    }
  }

  // --- cold entries

  bool is_complete() const noexcept { return is_complete_; }
  /// All is in the store now, nothing in memory. Requires: the table is empty.
  void attach_store() noexcept { is_complete_ = false; }
  /// All of the store is in memory now.
  void set_complete() noexcept { is_complete_ = true; }
  std::unique_ptr<EntryCursor> scan_store() const {
    return host_.store->scan({place_.data(), place_.size()}, {});
  }
  /// The bytes of an entry's key without the subkey; valid until the next call.
  std::string_view entry_key(std::uint64_t hash, std::string_view key) const {
    host_.entry_scratch.clear();
    append_entry_key(host_.entry_scratch, place_, key_group_of(hash), key);
    return host_.entry_scratch.view();
  }
  /// While pinned, nothing is evicted and no entry moves because of a removal.
  void pin() noexcept { ++pins_; }
  void unpin() noexcept { --pins_; }

  // --- times of last use

  void keep_stamps() {
    base_flags_ &= ~kPlain;
    stamps_.resize(slots_.capacity());
  }
  std::int64_t& stamp(const Slot& slot) noexcept { return stamps_[slots_.index(slot)]; }

  // --- housekeeping

  /// Looks at some slots, in turn: expire(slot) for live ones says whether they have expired; drops
  /// tombstones that nobody needs; evicts.
  template <class Expired>
  void maintain(Maintenance& work, Expired&& expired) {
    const bool has_stamps = !stamps_.empty();
    while (work.slots > 0 && pins_ == 0 && hand_ < slots_.capacity()) {
      --work.slots;
      Slot& slot = slots_.at(hand_);
      if (slot.is_used() && has_stamps && is_live(slot) && expired(slot)) erase(slot);
      if (slot.is_used() && may_leave(slot) &&
          (!is_live(slot) || (work.free_bytes > 0 && is_cold(slot)))) {
        work.free_bytes -= std::min<std::uint64_t>(work.free_bytes, entry_bytes());
        evict(slot);  // What closes the gap is looked at next.
      } else {
        ++hand_;
      }
    }
    if (hand_ < slots_.capacity() && pins_ == 0) return;
    hand_ = 0;
    work.is_round_done = true;
    shrink_if_sparse();
  }
  /// One encoded value, to estimate what values have on the heap.
  void note_encoded(std::size_t bytes) noexcept {
    encoded_bytes_ += bytes;
    if (++encoded_count_ < kSamples) return;
    encoded_bytes_ /= 2;
    encoded_count_ /= 2;
  }
  StateMemory memory() const noexcept {
    const std::uint64_t heap = is_all_inline() ? 0 : mean_encoded();
    StateMemory memory;
    memory.tables = slots_.bytes() + stamps_.size() * sizeof(std::int64_t) +
                    dirty_.size() * sizeof(std::uint64_t) + heap * slots_.count();
    memory.dirty = dirty_count_ * entry_bytes();
    memory.frozen = host_.store != nullptr ? frozen_count_ * entry_bytes() : 0;
    return memory;
  }
  /// Forgets everything; keeps memory of up to `keep_bytes` for what comes next.
  void clear(std::size_t keep_bytes = 0) {
    slots_.clear(keep_bytes);
    if (!stamps_.empty()) stamps_.assign(slots_.capacity(), 0);
    dirty_.clear();
    dirty_count_ = frozen_count_ = live_count_ = 0;
    hand_ = 0;
    is_complete_ = true;
  }

  std::size_t live_count() const noexcept { return live_count_; }
  std::size_t capacity() const noexcept { return slots_.capacity(); }
  std::size_t bytes() const noexcept { return slots_.bytes(); }
  Slot& slot_at(std::size_t index) noexcept { return slots_.at(index); }
  template <class Visit>
  void for_each_slot(Visit&& visit) {
    for (std::size_t i = 0; i < slots_.capacity(); ++i) {
      if (slots_.at(i).is_used()) visit(slots_.at(i));
    }
  }
  /// Marks an entry that was read ahead of its first use.
  static void await(Slot& slot) noexcept { slot.flags |= kAwaited; }

 private:
  static constexpr std::uint32_t kHasValue = Slots::kHasValue;
  static constexpr std::uint32_t kDirty = 2;   // Changed since the last barrier.
  static constexpr std::uint32_t kHot = 4;     // Used often; or uses are not counted.
  static constexpr std::uint32_t kPlain = 8;   // No TTL.
  static constexpr std::uint32_t kFresh = 16;  // Neither a delta nor the store has it.
  static constexpr std::uint32_t kTouched =
      32;  // Used again since it came or since the hand passed.
  static constexpr std::uint32_t kAwaited = 64;  // Read ahead, not used yet.
  static constexpr std::uint32_t kReadReady = kHasValue | kHot | kPlain;
  static constexpr std::uint32_t kWriteReady = kReadReady | kDirty;

  static constexpr bool kMayBeCold = !requires { StoredKey<K>::kStaysInMemory; };
  // One of the many tables that share a core's cache: one per shard.
  static constexpr std::size_t kCacheBytes = std::size_t{32} << 10;
  static constexpr std::size_t kShrinkSlots = 4096;
  static constexpr std::uint64_t kSamples = 1024;

  void destroy_value(Slot& slot) noexcept {
    std::destroy_at(&slot.value());
    slot.flags &= ~kHasValue;
    --live_count_;
  }
  void unmark_dirty(Slot& slot) noexcept {
    if (!host_.keeps_deltas || (slot.flags & kDirty) == 0) return;
    slot.flags &= ~kDirty;
    const std::size_t index = slots_.index(slot);
    dirty_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
    --dirty_count_;
  }
  /// Takes a slot out; others may move. Requires: it has no value.
  void remove(Slot& slot) {
    unmark_dirty(slot);
    slots_.remove(slot, [this](std::size_t from, std::size_t to) {
      if (!stamps_.empty()) stamps_[to] = stamps_[from];
      move_dirty(from, to);
    });
  }
  void move_dirty(std::size_t from, std::size_t to) noexcept {
    if (from / 64 >= dirty_.size()) return;  // Then none from there on is dirty.
    const std::uint64_t bit = dirty_[from / 64] >> (from % 64) & 1;
    dirty_[from / 64] &= ~(std::uint64_t{1} << (from % 64));
    if (to / 64 < dirty_.size()) dirty_[to / 64] |= bit << (to % 64);
  }
  void prefetch_word(std::size_t word) noexcept {
    if (word >= dirty_.size()) return;
    for (std::uint64_t bits = dirty_[word]; bits != 0; bits &= bits - 1) {
      __builtin_prefetch(&slots_.at(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
    }
  }

  bool may_leave(const Slot& slot) const noexcept {
    if (!host_.keeps_deltas) return true;
    if ((slot.flags & kDirty) != 0) return false;
    return host_.store == nullptr || slot.delta <= host_.applied;
  }
  /// Whether the entry was not used since the hand passed; takes one step towards that.
  static bool is_cold(Slot& slot) noexcept {
    if ((slot.flags & (kHot | kTouched | kAwaited)) == 0) return true;
    slot.flags &= (slot.flags & kHot) != 0 ? ~kHot : ~(kTouched | kAwaited);
    return false;
  }
  void evict(Slot& slot) {
    if (is_live(slot)) {
      destroy_value(slot);
      is_complete_ = false;
    }
    remove(slot);
  }
  /// Makes place for one more entry: evicts if it may, else grows.
  void make_room() {
    const std::size_t capacity = slots_.capacity();
    const bool has_room = host_.budget == nullptr || host_.budget->has_room(slots_.bytes());
    if (host_.store != nullptr && kMayBeCold && pins_ == 0 && !has_room) evict_some();
    if (slots_.is_full()) rehash(has_room ? capacity * 2 : capacity + capacity / 4 + 8);
  }
  void evict_some() {
    const std::size_t wanted = slots_.count() - slots_.count() / 16 - 1;
    const std::size_t looks_max = 3 * slots_.capacity();
    for (std::size_t looks = 0; looks < looks_max && slots_.count() > wanted; ++looks) {
      if (hand_ >= slots_.capacity()) hand_ = 0;
      Slot& slot = slots_.at(hand_);
      if (slot.is_used() && may_leave(slot) && (!is_live(slot) || is_cold(slot))) {
        evict(slot);
      } else {
        ++hand_;
      }
    }
  }
  void shrink_if_sparse() {
    const bool is_sparse =
        slots_.capacity() > kShrinkSlots && slots_.count() * 4 < slots_.capacity();
    if (is_sparse && pins_ == 0) rehash(slots_.count() * 2 + kShrinkSlots / 4);
  }
  void rehash(std::size_t capacity) {
    std::vector<std::uint64_t> dirty((capacity + 63) / 64);
    std::vector<std::int64_t> stamps(stamps_.empty() ? 0 : capacity);
    slots_.rehash(capacity, [&](std::size_t from, std::size_t to) {
      if (!stamps.empty()) stamps[to] = stamps_[from];
      if (from / 64 >= dirty_.size()) return;
      dirty[to / 64] |= (dirty_[from / 64] >> (from % 64) & 1) << (to % 64);
    });
    dirty_ = std::move(dirty);
    stamps_ = std::move(stamps);
    hand_ = 0;
  }

  static constexpr bool is_all_inline() noexcept {
    return std::is_trivially_copyable_v<typename Slots::Stored> &&
           std::is_trivially_copyable_v<Value>;
  }
  std::uint64_t mean_encoded() const noexcept {
    return encoded_count_ == 0 ? 0 : encoded_bytes_ / encoded_count_;
  }
  std::uint64_t entry_bytes() const noexcept {
    return sizeof(Slot) + (is_all_inline() ? 0 : mean_encoded());
  }

  TableHost& host_;
  PlaceBytes place_;
  std::uint32_t base_flags_;
  Slots slots_;
  std::vector<std::uint64_t> dirty_;  // A bit per slot.
  std::vector<std::int64_t> stamps_;  // With a TTL: per slot, the time of its last use.
  std::size_t dirty_count_ = 0;
  std::size_t frozen_count_ = 0;  // Of the last delta.
  std::size_t live_count_ = 0;
  std::size_t hand_ = 0;  // Where housekeeping goes on.
  std::size_t pins_ = 0;
  bool is_complete_ = true;
  std::uint64_t encoded_bytes_ = 0;
  std::uint64_t encoded_count_ = 0;
};

}  // namespace weir::inline v0::detail
