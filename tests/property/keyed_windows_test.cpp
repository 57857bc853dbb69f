// SPDX-License-Identifier: Apache-2.0
// Windows against plain loops: random records, watermarks and restarts, played in every way.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "testing/gauntlet.hpp"
#include "weir/aggregations.hpp"
#include "weir/detail/keyed_nodes.hpp"
#include "weir/random.hpp"
#include "weir/testing/seeds.hpp"

namespace weir::testing {
namespace {

using Key = std::string;
using Result = Windowed<Key, std::int64_t>;
using Record = KeyedRecord<Key, int>;
using Example = Steps<Key, int>;
using detail::WindowRules;

Example random_example(Random& random, std::int64_t span) {
  Example steps;
  std::int64_t watermark = -2 * span;
  for (int i = 0; i < 60; ++i) {
    const auto chance = random.below(10);
    if (chance == 0) {
      steps.emplace_back(RestartStep{});
    } else if (chance <= 2) {
      watermark += random.between(0, random.chance(0.1) ? 20 * span : span);
      steps.emplace_back(WatermarkStep{EventTime{watermark}});
    } else {
      const EventTime time{watermark + random.between(-2 * span, 2 * span)};
      steps.emplace_back(Record{Key(1, static_cast<char>('a' + random.below(3))), i, time});
    }
  }
  steps.emplace_back(WatermarkStep{EventTime::max()});
  return steps;
}

/// What the results must be, one line per decision. Windows are known by (last, start, key).
class WindowOracle {
 public:
  WindowOracle(TimeWindows windows, WindowRules rules) : windows_{windows}, rules_{rules} {}

  void add(const Record& record) {
    std::uint64_t misses = 0;
    const std::vector<Window> all = windows_.windows_of(record.time);
    for (const Window& window : all) {
      if (last_time(window) + rules_.lateness <= watermark_) {
        ++misses;
        continue;
      }
      Cell& cell = cells_[{last_time(window), window.start, record.key}];
      ++cell.count;
      cell.is_changed = true;
      if (last_time(window) > watermark_ || rules_.is_late_batched) continue;
      emit({last_time(window), window.start, record.key}, cell, PaneTiming::late);
    }
    if (misses == all.size()) {
      late.push_back({record.key, record.value, record.time, watermark_});
    } else {
      window_misses += misses;
    }
  }
  void advance(EventTime watermark) {
    for (auto& [window, cell] : cells_) {
      const bool was_closed = std::get<0>(window) <= watermark_;
      if (std::get<0>(window) > watermark || (was_closed && !cell.is_changed)) continue;
      emit(window, cell, was_closed ? PaneTiming::late : PaneTiming::on_time);
    }
    watermark_ = watermark;
  }

  std::vector<Result> results;
  std::vector<Late<Key, int>> late;
  std::uint64_t window_misses = 0;

 private:
  using WindowId = std::tuple<EventTime, EventTime, Key>;
  struct Cell {
    std::int64_t count = 0;
    bool is_changed = false;
    std::uint32_t firings = 0;
  };
  void emit(const WindowId& id, Cell& cell, PaneTiming timing) {
    const auto& [last, start, key] = id;
    results.push_back({key, cell.count, start, last + Duration{1}, {timing, cell.firings++}});
    cell.is_changed = false;
    if (rules_.is_discarding) cell.count = 0;
  }

  TimeWindows windows_;
  WindowRules rules_;
  std::map<WindowId, Cell> cells_;
  EventTime watermark_ = EventTime::min();
};

template <class Oracle>
void tell(Oracle& oracle, const Example& steps) {
  for (const auto& step : steps) {
    if (const auto* record = std::get_if<Record>(&step)) oracle.add(*record);
    if (const auto* time = std::get_if<WatermarkStep>(&step)) oracle.advance(time->watermark);
  }
}

template <class Oracle>
void expect_like(const Oracle& oracle, const KeyedHarness<Key, int>::Make& make,
                 const Example& steps) {
  run_gauntlet<Result, Key, int>(make, steps,
                                 [&](const auto& first, const auto& outcome, const auto& way) {
                                   SCOPED_TRACE(way);
                                   EXPECT_EQ(outcome.results, oracle.results);
                                   EXPECT_EQ(outcome.late, oracle.late);
                                   EXPECT_EQ(outcome.late_window_misses, oracle.window_misses);
                                   EXPECT_EQ(outcome, first);
                                 });
}

TEST(KeyedWindows, ResultsAreThoseOfAPlainLoop) {
  for_each_seed(15, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    Random random{seed};
    const Duration size{random.between(1, 12)};
    const Duration every{random.chance(0.4) ? size.count() : random.between(1, size.count())};
    const TimeWindows windows =
        hopping({.size = size, .every = every, .offset = Duration{random.between(-20, 20)}});
    WindowRules rules;
    rules.lateness = Duration{random.chance(0.5) ? 0 : random.between(1, 15)};
    rules.is_late_batched = random.chance(0.3);
    rules.is_discarding = random.chance(0.3);
    rules.retention = Duration{random.chance(0.7) ? 0 : 10};
    const Example steps = random_example(random, 10);
    WindowOracle oracle{windows, rules};
    tell(oracle, steps);

    const auto shared =
        detail::window_node<Key, int, OnClose>("w", windows, rules, count().of<int>());
    expect_like(oracle, shared.make, steps);
    // Cannot merge: a table per window.
    const auto add = [](std::int64_t& sum, int) { ++sum; };
    const auto apart = detail::window_node<Key, int, OnClose>("w", windows, rules,
                                                              fold(std::int64_t{0}, add).of<int>());
    expect_like(oracle, apart.make, steps);
  });
}

/// Sessions of each key in a plain list, merged by hand.
class SessionOracle {
 public:
  SessionOracle(Duration gap, WindowRules rules) : gap_{gap}, rules_{rules} {}

  void add(const Record& record) {
    Session joined{session_of(record.time, gap_), 1};
    std::vector<Session>& all = sessions_[record.key];
    std::vector<Session> rest;
    for (const Session& session : all) {
      if (is_closed(session.window) || !do_merge(session.window, joined.window)) {
        rest.push_back(session);
      } else {
        joined.window = cover(joined.window, session.window);
        joined.count += session.count;
        joined.firings = std::max(joined.firings, session.firings);
      }
    }
    if (is_closed(joined.window)) {
      late.push_back({record.key, record.value, record.time, watermark_});
      return;
    }
    if (last_time(joined.window) <= watermark_) emit(record.key, joined, PaneTiming::late);
    rest.push_back(joined);
    all = rest;
  }
  void advance(EventTime watermark) {
    std::map<std::tuple<EventTime, EventTime, Key>, Session*> due;
    for (auto& [key, all] : sessions_) {
      for (Session& session : all) {
        const EventTime last = last_time(session.window);
        if (last > watermark_ && last <= watermark)
          due[{last, session.window.start, key}] = &session;
      }
    }
    for (auto& [id, session] : due) emit(std::get<2>(id), *session, PaneTiming::on_time);
    watermark_ = watermark;
  }

  std::vector<Result> results;
  std::vector<Late<Key, int>> late;
  std::uint64_t window_misses = 0;

 private:
  struct Session {
    Window window;
    std::int64_t count = 0;
    std::uint32_t firings = 0;
  };
  bool is_closed(const Window& window) const {
    return last_time(window) + rules_.lateness <= watermark_;
  }
  void emit(const Key& key, Session& session, PaneTiming timing) {
    results.push_back({key,
                       session.count,
                       session.window.start,
                       session.window.end,
                       {timing, session.firings++}});
    if (rules_.is_discarding) session.count = 0;
  }

  Duration gap_;
  WindowRules rules_;
  std::map<Key, std::vector<Session>> sessions_;
  EventTime watermark_ = EventTime::min();
};

TEST(KeyedWindows, SessionsAreThoseOfAPlainLoop) {
  for_each_seed(15, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    Random random{seed};
    const Duration gap{random.between(1, 12)};
    WindowRules rules;
    rules.lateness = Duration{random.chance(0.5) ? 0 : random.between(1, 15)};
    rules.is_discarding = random.chance(0.3);
    rules.retention = Duration{random.chance(0.7) ? 0 : 10};
    const Example steps = random_example(random, 10);
    SessionOracle oracle{gap, rules};
    tell(oracle, steps);
    const auto node = detail::window_node<Key, int, OnClose>("w", sessions({.gap = gap}), rules,
                                                             count().of<int>());
    expect_like(oracle, node.make, steps);
  });
}

/// Whatever is emitted on the way, the changes of a window add up to its last value.
template <class W>
void expect_changes_to_add_up(const W& windows, const Example& steps,
                              const std::vector<Result>& final_results) {
  using Update = Change<WindowKey<Key>, std::int64_t>;
  WindowRules rules;
  rules.emission = WindowRules::Emission::on_update;
  const auto node =
      detail::window_node<Key, int, OnUpdate>("w", windows, rules, count().template of<int>());
  std::map<std::tuple<Key, EventTime, EventTime>, std::int64_t> expected;
  for (const Result& result : final_results) {
    expected[{result.key, result.start, result.end}] = result.value;
  }
  run_gauntlet<Update, Key, int>(
      node.make, steps, [&](const auto& first, const auto& outcome, const auto& way) {
        SCOPED_TRACE(way);
        EXPECT_EQ(outcome, first);
        std::map<std::tuple<Key, EventTime, EventTime>, std::int64_t> table;
        for (const Update& update : outcome.results) {
          const auto id = std::tuple{update.key.key, update.key.start, update.key.end};
          const auto before = table.find(id);
          EXPECT_EQ(update.old,
                    before == table.end() ? std::nullopt : std::optional{before->second});
          if (update.now) {
            table[id] = *update.now;
          } else {
            table.erase(id);
          }
        }
        EXPECT_EQ(table, expected);
      });
}

TEST(KeyedWindows, ChangesAddUpToTheResults) {
  for_each_seed(10, [](std::uint64_t seed) {
    SCOPED_TRACE(replay(seed));
    Random random{seed};
    const Example steps = random_example(random, 10);
    const Duration gap{random.between(1, 8)};
    SessionOracle session_oracle{gap, {}};
    tell(session_oracle, steps);
    expect_changes_to_add_up(sessions({.gap = gap}), steps, session_oracle.results);

    const TimeWindows windows = hopping({.size = Duration{6}, .every = gap});
    WindowOracle window_oracle{windows, {}};
    tell(window_oracle, steps);
    expect_changes_to_add_up(windows, steps, window_oracle.results);
  });
}

}  // namespace
}  // namespace weir::testing
