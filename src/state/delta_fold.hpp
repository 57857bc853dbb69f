// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/detail/state/state_op.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// Makes one delta of several that follow each other:
///  - of the operations on one entry only the last is left;
///  - what a later drop_table or truncate_front would erase is left out;
///  - of several truncations of one key the one that reaches furthest is left.
///
/// What it gives is sorted by key, each range before the entries in it, and means the same as the
/// deltas one after the other. Holds all their bytes in memory.
class WEIR_API DeltaFold final {
 public:
  /// Adds the next delta. Bytes that the cursor gives are copied.
  void add(OpCursor& delta);
  /// The same for operations whose bytes live as long as this fold.
  void add_stable(OpCursor& delta);

  /// Folds. Call once, after the last add(). The cursor refers to this object.
  std::unique_ptr<OpCursor> finish();

  /// Operations that finish() left.
  std::size_t count() const noexcept { return ops_.size(); }

 private:
  struct Item {
    std::uint64_t sort_bytes;  ///< The key's bytes behind the place, for a quick comparison.
    StateOp op;
    std::uint32_t delta;
  };

  void take(const StateOp& op);
  std::string_view keep(std::string_view bytes);
  static bool is_before(const Item& a, const Item& b);
  void fold();

  std::vector<Item> items_;
  std::vector<StateOp> ops_;
  std::vector<std::unique_ptr<std::string>> arena_;
  std::uint32_t deltas_ = 0;
};

/// The entries of a base (none: null) after a folded delta, in the order of their keys.
class WEIR_API MergeCursor final : public EntryCursor {
 public:
  /// Both must outlive this one.
  MergeCursor(EntryCursor* base, OpCursor& folded);

  bool next(std::string_view& key, std::string_view& value) override;

 private:
  enum class Given : std::uint8_t { nothing, base, op };

  void advance_base();
  void advance_op();
  void note_range();
  bool base_survives() const;

  EntryCursor* base_;
  OpCursor& folded_;
  Given given_ = Given::nothing;  // What the caller still looks at; renewed by the next call.
  StateOp op_;
  bool has_op_ = false;
  std::string_view base_key_;
  std::string_view base_value_;
  bool has_base_ = false;
  std::string dropped_;         // The place that was dropped last.
  std::string truncated_;       // The key that was truncated last,
  std::string truncate_limit_;  // and up to where.
};

}  // namespace weir::inline v0::detail
