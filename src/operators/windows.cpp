// SPDX-License-Identifier: Apache-2.0
#include "weir/windows.hpp"

#include <algorithm>

#include "weir/detail/operators/pane_grid.hpp"
#include "weir/merging_windows.hpp"
#include "weir/punctuation.hpp"
#include "weir/trigger.hpp"

namespace weir::inline v0 {
namespace {

std::string positive_fault(const char* what, Duration value) {
  return std::string{what} + " is " + std::to_string(value.count()) + "ms; it must be positive";
}

/// "10s", "1500ms": the largest unit that loses nothing.
std::string text_of(Duration span) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (const Unit& unit : kUnits) {
    if (span.count() != 0 && span.count() % unit.ms == 0) {
      return std::to_string(span.count() / unit.ms) + unit.name;
    }
  }
  return std::to_string(span.count()) + "ms";
}

}  // namespace

std::vector<Window> TimeWindows::windows_of(EventTime time) const {
  const detail::PaneGrid grid{options_, detail::PaneGrid::Sharing::none};
  const detail::IndexRange range = grid.windows_of_pane(grid.pane_of(time), time);
  std::vector<Window> windows;
  for (std::int64_t index = range.first; index <= range.last; ++index) {
    windows.push_back(grid.window(index));
  }
  return windows;
}

std::vector<std::string> TimeWindows::faults() const {
  std::vector<std::string> found;
  if (options_.size <= Duration{0}) found.push_back(positive_fault("size", options_.size));
  if (options_.every <= Duration{0}) found.push_back(positive_fault("every", options_.every));
  return found;
}

std::string TimeWindows::describe() const {
  std::string text = options_.size == options_.every ? "tumbling " + text_of(options_.size)
                                                     : "hopping " + text_of(options_.size) +
                                                           " every " + text_of(options_.every);
  if (options_.offset != Duration{0}) text += " offset " + text_of(options_.offset);
  if (is_by_processing_time_) text += " by processing time";
  return text;
}

std::vector<std::string> Sessions::faults() const {
  std::vector<std::string> found;
  if (options_.gap <= Duration{0}) found.push_back(positive_fault("gap", options_.gap));
  if (options_.rejoin < Duration{0}) found.push_back("rejoin is negative");
  return found;
}

std::string Sessions::describe() const {
  return "sessions, gap " + text_of(options_.gap) +
         (is_by_processing_time_ ? " by processing time" : "");
}

std::vector<std::string> CountWindows::faults() const {
  if (size_ == 0) return {"size is 0; a count window has at least one record"};
  if (every_ <= size_) return {};
  return {"every is " + std::to_string(every_) + "; it must be at most size, " +
          std::to_string(size_)};
}

std::string CountWindows::describe() const {
  std::string text = "count " + std::to_string(size_);
  if (every_ != size_) text += " every " + std::to_string(every_);
  return text;
}

std::vector<std::string> Trigger::faults() const {
  if (kind_ != Kind::count || count_ > 0) return {};
  return {"at_count(0) never fires; the count must be positive"};
}

std::string Trigger::describe() const {
  std::string text = kind_ == Kind::event_time ? "at window end"
                     : kind_ == Kind::count    ? "at count " + std::to_string(count_)
                                               : "at processing time";
  if (is_purging_) text += ", purging";
  return text;
}

MergeResult MergingWindows::add(const Window& window) {
  const auto begin = std::find_if(windows_.begin(), windows_.end(), [&](const Window& existing) {
    return do_merge(existing, window);
  });
  auto end = begin;
  MergeResult result{window, {}};
  while (end != windows_.end() && do_merge(*end, window)) {
    result.window = cover(result.window, *end);
    result.absorbed.push_back(*end);
    ++end;
  }
  const auto at = windows_.erase(begin, end);
  windows_.insert(std::upper_bound(windows_.begin(), at, result.window), result.window);
  return result;
}

std::vector<MergedGroup> merge_touching(std::vector<Window> windows) {
  std::sort(windows.begin(), windows.end());
  std::vector<MergedGroup> groups;
  for (const Window& window : windows) {
    if (groups.empty() || !do_merge(groups.back().into, window)) {
      groups.push_back({window, {window}});
    } else {
      groups.back().into = cover(groups.back().into, window);
      groups.back().from.push_back(window);
    }
  }
  std::erase_if(groups, [](const MergedGroup& group) { return group.from.size() == 1; });
  return groups;
}

std::optional<EventTime> Punctuation::reach(EventTime time) noexcept {
  if (time < next_) return std::nullopt;
  // The grid may begin so early that the distance does not fit into a number of milliseconds.
  const auto distance =
      static_cast<std::uint64_t>(time.ms()) - static_cast<std::uint64_t>(options_.first.ms());
  const auto interval = static_cast<std::uint64_t>(options_.interval.count());
  next_ = time + Duration{static_cast<std::int64_t>(interval - distance % interval)};
  return time;
}

}  // namespace weir::inline v0
