// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "weir/detail/operators/aggregation_states.hpp"
#include "weir/detail/operators/window_cell.hpp"
#include "weir/merging_windows.hpp"

namespace weir::inline v0::detail {

/// One session of one key.
template <class State>
struct SessionCell {
  Window window;
  WindowCell<State> cell;
  /// A timer of the key is set at this time or before. A session that grows leaves its timer where
  /// it is; when that goes off it is set anew.
  EventTime armed;
};

/// The sessions of a key that accept records, by start; no two overlap or touch.
template <class State>
using SessionCells = std::vector<SessionCell<State>>;

/// A session that accepts nothing any more, and can still be read.
template <class State>
struct RetainedSession {
  Window window;
  State state;
};

/// Places [first, end) in a vector of sessions.
struct SessionRange {
  std::size_t first = 0;
  std::size_t end = 0;

  std::size_t size() const noexcept { return end - first; }
};

/// The sessions that overlap or touch a window. Most records belong to the last session.
template <class State>
SessionRange find_touching(const SessionCells<State>& cells, const Window& window) {
  SessionRange range;
  range.end = cells.size();
  while (range.end > 0 && window.end < cells[range.end - 1].window.start) --range.end;
  range.first = range.end;
  while (range.first > 0 && window.start <= cells[range.first - 1].window.end) --range.first;
  return range;
}

/// Adds a record to the only session that it touches.
template <class Bound, class T>
void add_to_session(const Bound& bound, typename Bound::State& state, const T& record) {
  if constexpr (starts_anew<Bound>) {
    auto fresh = bound.make();
    bound.merge(fresh, state);
    bound.add(fresh, record);
    state = std::move(fresh);
  } else {
    bound.add(state, record);
  }
}

/// The contents of several sessions and a record that bridges them, in the order of time. The
/// sessions are left as they are: user code may throw.
template <class Bound, class T>
WindowCell<typename Bound::State> bridge(const Bound& bound,
                                         const SessionCells<typename Bound::State>& cells,
                                         const SessionRange& range, const T& record) {
  const WindowCell<typename Bound::State>& first = cells[range.first].cell;
  WindowCell<typename Bound::State> merged{starts_anew<Bound> ? bound.make() : first.state,
                                           first.firing};
  if constexpr (starts_anew<Bound>) bound.merge(merged.state, first.state);
  for (std::size_t place = range.first + 1; place < range.end; ++place) {
    bound.merge(merged.state, cells[place].cell.state);
    merge_firings(merged.firing, cells[place].cell.firing);
  }
  bound.add(merged.state, record);
  return merged;
}

}  // namespace weir::inline v0::detail
