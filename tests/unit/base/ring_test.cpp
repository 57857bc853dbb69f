// SPDX-License-Identifier: Apache-2.0
#include "base/ring.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "weir/error.hpp"
#include "weir/random.hpp"

namespace weir {
namespace {

TEST(Ring, GivesElementsInTheOrderTheyCame) {
  Ring<int> ring{4};
  ASSERT_TRUE(ring.try_push(1));
  ASSERT_TRUE(ring.try_push(2));
  ASSERT_TRUE(ring.try_push(3));

  EXPECT_EQ(ring.try_pop(), 1);
  EXPECT_EQ(ring.try_pop(), 2);
  EXPECT_EQ(ring.try_pop(), 3);
  EXPECT_EQ(ring.try_pop(), std::nullopt);
}

TEST(Ring, LeavesAnElementThatDoesNotFitWithTheCaller) {
  Ring<std::unique_ptr<int>> ring{1};
  ASSERT_TRUE(ring.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);

  EXPECT_FALSE(ring.try_push(std::move(second)));

  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(*second, 2);
}

TEST(Ring, OfCapacityOneHoldsOneElement) {
  Ring<int> ring{1};
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(ring.try_push(int{i}));
    ASSERT_FALSE(ring.try_push(-1));
    ASSERT_EQ(ring.try_pop(), i);
    ASSERT_TRUE(ring.empty());
  }
}

TEST(Ring, HoldsNoMoreThanItsCapacityEvenIfThatIsNoPowerOfTwo) {
  Ring<int> ring{5};
  int pushed = 0;
  while (ring.try_push(int{pushed})) ++pushed;
  EXPECT_EQ(pushed, 5);
  EXPECT_EQ(ring.size(), 5U);
  EXPECT_EQ(ring.capacity(), 5U);
}

TEST(Ring, KeepsTheFrontInPlaceUntilItIsPopped) {
  Ring<int> ring{2};
  ASSERT_TRUE(ring.try_push(7));

  EXPECT_EQ(*ring.front(), 7);
  *ring.front() = 8;
  EXPECT_EQ(*ring.front(), 8);
  ring.pop();

  EXPECT_EQ(ring.front(), nullptr);
}

TEST(Ring, DestroysWhatIsLeftInIt) {
  const auto value = std::make_shared<int>(1);
  {
    Ring<std::shared_ptr<int>> ring{3};
    ASSERT_TRUE(ring.try_push(std::shared_ptr<int>{value}));
    ASSERT_TRUE(ring.try_push(std::shared_ptr<int>{value}));
    EXPECT_EQ(value.use_count(), 3);
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Ring, RefusesToHaveNoRoom) { EXPECT_THROW(Ring<int>{0}, InternalError); }

TEST(Ring, BehavesAsADequeUnderAnyOrderOfCalls) {
  Random random{1};
  for (int round = 0; round < 50; ++round) {
    const std::size_t capacity = 1 + random.below(9);
    Ring<int> ring{capacity};
    std::deque<int> model;
    for (int i = 0; i < 500; ++i) {
      if (random.chance(0.5)) {
        EXPECT_EQ(ring.try_push(int{i}), model.size() < capacity);
        if (model.size() < capacity) model.push_back(i);
      } else {
        EXPECT_EQ(ring.try_pop(), model.empty() ? std::nullopt : std::optional{model.front()});
        if (!model.empty()) model.pop_front();
      }
      ASSERT_EQ(ring.size(), model.size());
    }
  }
}

// Two threads, every capacity that is an edge; each element is on the heap, so that a sanitizer
// sees one that is read before it is written, or twice.
TEST(Ring, HandsEveryElementFromThreadToThreadOnce) {
  constexpr std::uint64_t kCount = 20'000;
  for (const std::size_t capacity : {1U, 2U, 3U, 64U}) {
    Ring<std::unique_ptr<std::uint64_t>> ring{capacity};
    std::thread producer{[&ring] {
      for (std::uint64_t i = 0; i < kCount; ++i) {
        auto value = std::make_unique<std::uint64_t>(i);
        while (!ring.try_push(std::move(value))) std::this_thread::yield();
      }
    }};
    for (std::uint64_t i = 0; i < kCount; ++i) {
      auto value = ring.try_pop();
      while (!value) {
        std::this_thread::yield();
        value = ring.try_pop();
      }
      EXPECT_EQ(**value, i);
    }
    producer.join();
    EXPECT_TRUE(ring.empty());
  }
}

}  // namespace
}  // namespace weir
