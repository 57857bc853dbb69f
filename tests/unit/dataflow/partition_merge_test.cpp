// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "weir/watermarks.hpp"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using Taken = std::vector<std::pair<int, int>>;

void add(PartitionMerge<int>& merge, int partition, const std::vector<int>& times) {
  for (const int time : times) {
    merge.add(static_cast<std::uint64_t>(partition), EventTime{time}, time);
  }
}

Taken take(PartitionMerge<int>& merge, int count) {
  Taken taken;
  for (int i = 0; i < count; ++i) {
    const auto record = merge.take();
    if (!record) break;
    taken.emplace_back(static_cast<int>(record->partition), record->value);
  }
  return taken;
}

TEST(PartitionMerge, TakesTheLowestHeadAndKeepsTheOrderInside) {
  PartitionMerge<int> merge;
  add(merge, 1, {1, 3, 5});
  add(merge, 2, {2, 4, 6});
  EXPECT_THAT(take(merge, 2), ElementsAre(Pair(1, 1), Pair(2, 2)));
  add(merge, 1, {2, 4});
  EXPECT_THAT(take(merge, 6),
              ElementsAre(Pair(1, 3), Pair(2, 4), Pair(1, 5), Pair(1, 2), Pair(1, 4), Pair(2, 6)));
}

TEST(PartitionMerge, OfEqualTimesTheLowerPartitionGoesFirst) {
  PartitionMerge<int> merge;
  add(merge, 2, {5});
  add(merge, 1, {5});
  EXPECT_THAT(take(merge, 2), ElementsAre(Pair(1, 5), Pair(2, 5)));
}

TEST(PartitionMerge, IsEmptyWhenAllPartitionsAre) {
  PartitionMerge<int> merge;
  EXPECT_FALSE(merge.take().has_value());
  add(merge, 1, {1});
  EXPECT_THAT(take(merge, 5), ElementsAre(Pair(1, 1)));
}

}  // namespace
}  // namespace weir
