// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "weir/export.hpp"
#include "weir/time.hpp"

namespace weir::inline v0 {

/// Windows merge when they overlap or touch.
///
///     [0, 3) and [3, 5) merge; [0, 3) and [4, 5) do not
constexpr bool do_merge(const Window& a, const Window& b) noexcept {
  return a.start <= b.end && b.start <= a.end;
}

/// The smallest window that covers both.
constexpr Window cover(const Window& a, const Window& b) noexcept {
  return {a.start < b.start ? a.start : b.start, a.end < b.end ? b.end : a.end};
}

/// What adding a window did.
struct MergeResult {
  /// The window that the added one is part of now.
  Window window;
  /// Windows that existed and went into it, by start. Empty: the window is new.
  std::vector<Window> absorbed;

  /// Whether a window that existed changed: false when the added one is new, or was covered.
  bool is_merged() const {
    return absorbed.size() > 1 || (absorbed.size() == 1 && absorbed.front() != window);
  }
};

/// The sessions of one key, without their contents: which of them a record makes one.
///
///     sessions [0, 3) [5, 8); add({3, 5}): window [0, 8), absorbed [0, 3) [5, 8)
///
/// Invariant: sorted by start; no two overlap or touch.
class WEIR_API MergingWindows final {
 public:
  /// Adds a window and merges it with what it overlaps or touches.
  MergeResult add(const Window& window);
  const std::vector<Window>& windows() const noexcept { return windows_; }

 private:
  std::vector<Window> windows_;
};

/// Windows that became one.
struct MergedGroup {
  Window into;
  std::vector<Window> from;  ///< By start; more than one.

  friend bool operator==(const MergedGroup&, const MergedGroup&) = default;
};

/// Which of these windows merge into which, by start; windows that stay alone are left out.
///
///     [0, 1) [1, 2) [4, 5): [0, 2) from [0, 1) and [1, 2)
WEIR_API std::vector<MergedGroup> merge_touching(std::vector<Window> windows);

}  // namespace weir::inline v0
