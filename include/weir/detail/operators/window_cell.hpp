// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "weir/detail/operators/aggregation_states.hpp"
#include "weir/detail/operators/any_outlet.hpp"
#include "weir/detail/operators/window_rules.hpp"
#include "weir/record.hpp"

namespace weir::inline v0::detail {

/// A window of one key: its aggregate, and what it remembers of its firings.
template <class State>
struct WindowCell {
  State state;
  FiringState firing;
};

/// What windows emit: results, or changes of results.
template <class K, class R, bool kIsUpdate>
using WindowOutput = std::conditional_t<kIsUpdate, Change<WindowKey<K>, R>, Windowed<K, R>>;

/// Makes a result of a cell, and notes in the cell that it did.
template <class Bound, class K>
void emit_cell(const Bound& bound, const WindowRules& rules, const K& key, const Window& window,
               WindowCell<typename Bound::State>& cell, PaneTiming timing,
               TypedOutlet<Windowed<K, ResultAt<Bound, K>>>& results) {
  auto value = result_at(bound, key, window, cell.state);
  const Pane pane = take_pane(cell.firing, timing);
  if (rules.purges()) {
    cell.state = bound.make();
    cell.firing.has_content = false;
  }
  results.emit({key, std::move(value), window.start, window.end, pane}, last_time(window));
}

}  // namespace weir::inline v0::detail
