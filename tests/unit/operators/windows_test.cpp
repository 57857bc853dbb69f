// SPDX-License-Identifier: Apache-2.0
#include "weir/windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "weir/detail/operators/pane_grid.hpp"
#include "weir/merging_windows.hpp"
#include "weir/punctuation.hpp"
#include "weir/trigger.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Window window(std::int64_t start, std::int64_t end) { return {EventTime{start}, EventTime{end}}; }

TEST(Windows, TumblingWindowHoldsItsStartAndNotItsEnd) {
  const TimeWindows windows = tumbling({.size = 5s, .offset = 100ms});
  EXPECT_THAT(windows.windows_of(EventTime{100}), ElementsAre(window(100, 5'100)));
  EXPECT_THAT(windows.windows_of(EventTime{5'099}), ElementsAre(window(100, 5'100)));
  EXPECT_THAT(windows.windows_of(EventTime{5'100}), ElementsAre(window(5'100, 10'100)));
}

TEST(Windows, TimesBeforeTheEpochGoIntoWindowsBeforeTheEpoch) {
  EXPECT_THAT(tumbling(10ms).windows_of(EventTime{-1}), ElementsAre(window(-10, 0)));
  EXPECT_THAT(tumbling(10ms).windows_of(EventTime{-10}), ElementsAre(window(-10, 0)));
  EXPECT_THAT(tumbling({.size = 10ms, .offset = -3ms}).windows_of(EventTime{-4}),
              ElementsAre(window(-13, -3)));
}

TEST(Windows, HoppingRecordBelongsToAllWindowsThatHoldIt) {
  const TimeWindows windows = hopping({.size = 5s, .every = 1s, .offset = 100ms});
  EXPECT_THAT(windows.windows_of(EventTime{100}),
              ElementsAre(window(-3'900, 1'100), window(-2'900, 2'100), window(-1'900, 3'100),
                          window(-900, 4'100), window(100, 5'100)));
}

TEST(Windows, SizeNeedNotBeAMultipleOfEvery) {
  const TimeWindows windows = hopping({.size = 6ms, .every = 5ms});
  EXPECT_THAT(windows.windows_of(EventTime{7}), ElementsAre(window(5, 11)));
  EXPECT_THAT(windows.windows_of(EventTime{5}), ElementsAre(window(0, 6), window(5, 11)));
}

TEST(Windows, RecordBetweenWindowsBelongsToNone) {
  const TimeWindows windows = hopping({.size = 2ms, .every = 5ms});
  EXPECT_THAT(windows.windows_of(EventTime{6}), ElementsAre(window(5, 7)));
  EXPECT_THAT(windows.windows_of(EventTime{7}), IsEmpty());
}

TEST(Windows, BoundsStopAtTheEndsOfTime) {
  const Window last = tumbling(1s).windows_of(EventTime::max()).front();
  EXPECT_EQ(last.end, EventTime::max());
  EXPECT_EQ(last_time(last), EventTime::max());
  EXPECT_EQ(tumbling(1s).windows_of(EventTime::min()).front().start, EventTime::min());
  EXPECT_EQ(tumbling({.size = 1ms}).windows_of(EventTime::min()),
            std::vector{window(std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::min() + 1)});
}

TEST(Windows, OptionsThatMakeNoWindowAreFaults) {
  EXPECT_THAT(tumbling(0s).faults(), testing::SizeIs(2));
  EXPECT_THAT(hopping({.size = 1s, .every = 0s}).faults(),
              ElementsAre("every is 0ms; it must be positive"));
  EXPECT_THAT(sessions({.gap = -1s}).faults(), ElementsAre("gap is -1000ms; it must be positive"));
  EXPECT_THAT(count_windows({.size = 2, .every = 3}).faults(), testing::SizeIs(1));
  EXPECT_THAT(at_count(0).faults(), testing::SizeIs(1));
}

TEST(Windows, DescribeSaysWhatTheUserSaid) {
  EXPECT_EQ(hopping({.size = 10min, .every = 1min, .offset = 1500ms}).describe(),
            "hopping 10m every 1m offset 1500ms");
  EXPECT_EQ(tumbling(24h).by_processing_time().describe(), "tumbling 1d by processing time");
  EXPECT_EQ(at_count(4).purging().describe(), "at count 4, purging");
}

TEST(Windows, SessionGapMayComeFromTheRecord) {
  struct Click {
    Duration patience;
  };
  EXPECT_EQ(sessions(&Click::patience).gap_of(Click{7ms}), 7ms);
  EXPECT_EQ(session_of(EventTime{5}, 3ms), window(5, 8));
  EXPECT_EQ(session_of(EventTime{5}, -3ms), window(5, 6));
}

TEST(PaneGrid, WindowsOfAPaneAreThoseThatHoldIt) {
  const detail::PaneGrid grid{{.size = 6ms, .every = 4ms, .offset = 5ms},
                              detail::PaneGrid::Sharing::panes};
  ASSERT_EQ(grid.panes(), 3);
  for (std::int64_t time = -40; time < 40; ++time) {
    const std::int64_t pane = grid.pane_of(EventTime{time});
    EXPECT_LE(grid.pane_start(pane).ms(), time);
    EXPECT_GE(grid.pane_last(pane).ms(), time);
    const detail::IndexRange range = grid.windows_of_pane(pane);
    std::vector<Window> windows;
    for (std::int64_t index = range.first; index <= range.last; ++index) {
      windows.push_back(grid.window(index));
      EXPECT_LE(grid.first_pane(index), pane);
      EXPECT_GT(grid.first_pane(index) + grid.panes(), pane);
    }
    EXPECT_EQ(windows,
              hopping({.size = 6ms, .every = 4ms, .offset = 5ms}).windows_of(EventTime{time}));
  }
}

TEST(MergingWindows, BridgeMakesOneOfThree) {
  MergingWindows set;
  for (const Window& alone : {window(0, 3), window(5, 8), window(10, 13)}) {
    EXPECT_FALSE(set.add(alone).is_merged());
  }
  EXPECT_EQ(set.add(window(8, 10)).window, window(5, 13));
  EXPECT_FALSE(set.add(window(5, 8)).is_merged());
  const MergeResult all = set.add(window(3, 5));
  EXPECT_TRUE(all.is_merged());
  EXPECT_THAT(all.absorbed, ElementsAre(window(0, 3), window(5, 13)));
  EXPECT_THAT(set.windows(), ElementsAre(window(0, 13)));
}

TEST(MergingWindows, SameWindowAgainIsNoMergeAndALargerOneIs) {
  MergingWindows set;
  EXPECT_FALSE(set.add(window(1, 2)).is_merged());
  EXPECT_FALSE(set.add(window(1, 2)).is_merged());
  EXPECT_TRUE(set.add(window(0, 4)).is_merged());
}

TEST(MergingWindows, TouchingOnesMergeInGroups) {
  EXPECT_THAT(
      merge_touching({window(4, 5), window(0, 1), window(5, 6), window(1, 2), window(8, 9)}),
      ElementsAre(MergedGroup{window(0, 2), {window(0, 1), window(1, 2)}},
                  MergedGroup{window(4, 6), {window(4, 5), window(5, 6)}}));
}

TEST(Punctuation, FiresOncePerAdvanceAndKeepsItsGrid) {
  Punctuation punctuation{{.interval = 100ms, .first = EventTime{50}}};
  std::vector<std::int64_t> fired;
  for (const std::int64_t time : {0, 49, 50, 149, 150, 1051, 1052, 1150}) {
    if (const auto at = punctuation.reach(EventTime{time})) fired.push_back(at->ms());
  }
  EXPECT_THAT(fired, ElementsAre(50, 150, 1051, 1150));
}

TEST(Punctuation, EndsOfTimeDoNotOverflow) {
  Punctuation punctuation{{.interval = 100ms, .first = EventTime::min()}};
  EXPECT_TRUE(punctuation.reach(EventTime::max()));
  EXPECT_EQ(punctuation.next(), EventTime::max());
}

}  // namespace
}  // namespace weir
