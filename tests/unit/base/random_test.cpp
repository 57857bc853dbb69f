// SPDX-License-Identifier: Apache-2.0
#include "weir/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace weir {
namespace {

using testing::Each;
using testing::UnorderedElementsAreArray;

TEST(Random, GivesTheSameNumbersOnEveryMachine) {
  Random random{42};
  EXPECT_EQ(random.next(), 0x15780b2e0c2ec716U);
  EXPECT_EQ(random.next(), 0x6104d9866d113a7eU);
  EXPECT_EQ(random.next(), 0xae17533239e499a1U);
}

TEST(Random, GivesOtherNumbersForAnotherSeed) { EXPECT_NE(Random{1}.next(), Random{2}.next()); }

TEST(Random, DrawsEachNumberBelowABoundAboutAsOften) {
  Random random{3};
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  EXPECT_THAT(counts, Each(testing::AllOf(testing::Gt(9'500), testing::Lt(10'500))));
}

TEST(Random, DrawsBothEndsOfARange) {
  Random random{4};
  bool saw_first = false;
  bool saw_last = false;
  for (int i = 0; i < 1'000; ++i) {
    const std::int64_t drawn = random.between(-2, 3);
    ASSERT_GE(drawn, -2);
    ASSERT_LE(drawn, 3);
    saw_first |= drawn == -2;
    saw_last |= drawn == 3;
  }
  EXPECT_TRUE(saw_first);
  EXPECT_TRUE(saw_last);
}

TEST(Random, DrawsFromTheWholeRangeOfIntegers) {
  Random random{5};
  bool saw_negative = false;
  bool saw_positive = false;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t drawn = random.between(std::numeric_limits<std::int64_t>::min(),
                                              std::numeric_limits<std::int64_t>::max());
    saw_negative |= drawn < 0;
    saw_positive |= drawn > 0;
  }
  EXPECT_TRUE(saw_negative);
  EXPECT_TRUE(saw_positive);
}

TEST(Random, TakesAChanceNeverAtZeroAndAlwaysAtOne) {
  Random random{6};
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(random.chance(0.0));
    EXPECT_TRUE(random.chance(1.0));
  }
}

TEST(Random, TakesAChanceAboutAsOftenAsGiven) {
  Random random{7};
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) taken += random.chance(0.25) ? 1 : 0;
  EXPECT_NEAR(taken, 2'500, 200);
}

TEST(Random, ShufflesWithoutLosingAnElement) {
  Random random{8};
  const std::vector<int> before{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<int> after = before;

  random.shuffle(after);

  EXPECT_NE(after, before);
  EXPECT_THAT(after, UnorderedElementsAreArray(before));
}

TEST(Random, PicksAnElementThatCanBeChanged) {
  Random random{9};
  std::vector<std::string> words{"a"};
  random.pick(words) = "b";
  EXPECT_EQ(words[0], "b");
}

TEST(Random, ForksIntoNumbersOfItsOwn) {
  Random random{10};
  Random fork = random.fork();
  EXPECT_NE(fork.next(), random.next());
}

}  // namespace
}  // namespace weir
