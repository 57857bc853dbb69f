// SPDX-License-Identifier: Apache-2.0
#include "scenarios/windows.hpp"

#include <type_traits>

namespace scenarios {
namespace {

struct ToRow {
  Row operator()(const weir::Windowed<std::string, std::string>& result) const {
    return {result.key, std::nullopt, result.value, result.start, result.end};
  }
  Row operator()(const weir::Change<weir::WindowKey<std::string>, std::string>& change) const {
    return {change.key.key, change.old, change.now, change.key.start, change.key.end};
  }
};

/// `Windows` are a WindowedStream of any kind.
template <class Windows>
void add_outputs(const Windows& results, const WindowPlan& plan, const WindowProbes& probes) {
  results.map(ToRow{}).to("rows", probes.rows.sink());
  if (plan.has_late_output) results.late().to("late", probes.late.sink());
}

template <bool kMerges, class Windows>
void add_aggregate(const Windows& windows, const WindowPlan& plan, const WindowProbes& probes) {
  const Aggregate& aggregate = plan.aggregate;
  const auto add = [aggregate](const std::string& total, const Item& item) {
    return aggregate.add(total, item.value);
  };
  if constexpr (kMerges) {
    const auto merge = [aggregate](const std::string& a, const std::string& b) {
      return aggregate.merge(a, b);
    };
    add_outputs(windows.aggregate(aggregate.initial(), add, merge), plan, probes);
  } else {
    add_outputs(windows.aggregate(aggregate.initial(), add), plan, probes);
  }
}

/// Windows that merge need an aggregation that does; for others it is a way to share panes.
template <class W, class Windows>
void add_for(const Windows& windows, const WindowPlan& plan, const WindowProbes& probes) {
  if constexpr (std::is_same_v<W, weir::Sessions>) {
    add_aggregate<true>(windows, plan, probes);
  } else if constexpr (std::is_same_v<W, weir::TimeWindows>) {
    if (plan.aggregate.is_mergeable()) return add_aggregate<true>(windows, plan, probes);
    add_aggregate<false>(windows, plan, probes);
  } else {
    add_aggregate<false>(windows, plan, probes);
  }
}

template <class W>
void add_kind(const Items& items, const W& kind, const WindowPlan& plan,
              const WindowProbes& probes) {
  auto windows = items.window(kind).allow_lateness(plan.lateness);
  if (plan.is_discarding) windows = windows.discarding();
  if (plan.trigger) windows = windows.trigger(*plan.trigger);
  if constexpr (!std::is_same_v<W, weir::GlobalWindow>) {
    if (plan.is_on_update) return add_for<W>(windows.emit(weir::on_update()), plan, probes);
  }
  add_for<W>(windows, plan, probes);
}

}  // namespace

weir::TimeWindows time_windows(const Json& parameters) {
  const weir::Duration size = duration_of(parameters, "size_ms");
  weir::Duration every = duration_or(parameters, "slide_ms", size.count());
  every = duration_or(parameters, "advance_ms", every.count());
  const weir::TimeWindows windows = weir::hopping(
      {.size = size, .every = every, .offset = duration_or(parameters, "offset_ms", 0)});
  for (const std::string& fault : windows.faults()) throw BadScenario{fault};
  return windows;
}

void add_windows(const Items& items, const WindowPlan& plan, const WindowProbes& probes) {
  std::visit([&](const auto& kind) { add_kind(items, kind, plan, probes); }, plan.windows);
}

}  // namespace scenarios
