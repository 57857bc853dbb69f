// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/aggregate.hpp"
#include "scenarios/scenario.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/probe.hpp"
#include "weir/windows.hpp"

namespace scenarios {

/// A record of a scenario; key and value as JSON texts. A text key sorts as it reads.
struct Item {
  std::string key;
  std::string value;
  std::int64_t t = 0;
};

/// A result of a window. Without on_update, `old` is empty.
struct Row {
  std::string key;
  std::optional<std::string> old;
  std::optional<std::string> now;
  weir::EventTime start;
  weir::EventTime end;
};

using Items = weir::KeyedStream<std::string, Item>;
using LateItem = weir::Late<std::string, Item>;

/// What a scenario says about its windows.
struct WindowPlan {
  std::variant<weir::TimeWindows, weir::Sessions, weir::GlobalWindow> windows;
  Aggregate aggregate;
  weir::Duration lateness{0};
  std::optional<weir::Trigger> trigger = std::nullopt;
  bool is_discarding = false;
  bool is_on_update = false;
  bool has_late_output = false;
};

/// Where the results of a topology go.
struct WindowProbes {
  weir::testing::Probe<Row> rows{"rows"};
  weir::testing::Probe<LateItem> late{"late"};
};

/// `size_ms`, `slide_ms` or `advance_ms`, `offset_ms`.
weir::TimeWindows time_windows(const Json& parameters);
constexpr bool starts_before_epoch(const weir::Window& window) noexcept {
  return window.start < weir::EventTime{0};
}

/// Adds the windows of the plan and their outputs to a topology.
void add_windows(const Items& items, const WindowPlan& plan, const WindowProbes& probes);

}  // namespace scenarios
