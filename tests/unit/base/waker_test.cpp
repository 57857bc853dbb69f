// SPDX-License-Identifier: Apache-2.0
#include "base/waker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/ring.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(Waker, EndsASleepThatWasAnnouncedBeforeTheWakeUp) {
  Waker waker;
  waker.prepare();
  waker.wake();
  EXPECT_TRUE(waker.park(1h));
}

TEST(Waker, SleepsNoLongerThanAllowed) {
  Waker waker;
  waker.prepare();
  EXPECT_FALSE(waker.park(1ms));
}

TEST(Waker, ForgetsAWakeUpThatNobodyWaitedFor) {
  Waker waker;
  waker.wake();
  waker.prepare();
  EXPECT_FALSE(waker.park(1ms));
}

TEST(Waker, ForgetsAWakeUpAfterTheSleepWasCancelled) {
  Waker waker;
  waker.prepare();
  waker.wake();
  waker.cancel();

  waker.prepare();

  EXPECT_FALSE(waker.park(1ms));
}

TEST(Waker, WakesASleeperInAnotherThread) {
  Waker waker;
  std::atomic<bool> is_done = false;
  std::thread sleeper{[&] {
    waker.prepare();
    if (is_done.load(std::memory_order_acquire)) {
      waker.cancel();
    } else {
      waker.park();
    }
    EXPECT_TRUE(is_done.load(std::memory_order_acquire));
  }};
  is_done.store(true, std::memory_order_release);
  waker.wake();
  sleeper.join();
}

// Ping-pong over two rings of capacity 1 where both sides sleep without a limit whenever they see
// nothing: one wake-up lost, and the test hangs until its time is up.
TEST(Waker, LosesNoWakeUp) {
  constexpr int kRounds = 20'000;
  Ring<int> there{1};
  Ring<int> back{1};
  Waker there_waker;
  Waker back_waker;
  const auto receive = [](Ring<int>& ring, Waker& waker) {
    while (ring.front() == nullptr) {
      waker.prepare();
      if (ring.front() != nullptr) {
        waker.cancel();
      } else {
        waker.park();
      }
    }
    const int value = *ring.front();
    ring.pop();
    return value;
  };
  std::thread echo{[&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_TRUE(back.try_push(receive(there, there_waker)));
      back_waker.wake();
    }
  }};

  for (int i = 0; i < kRounds; ++i) {
    EXPECT_TRUE(there.try_push(int{i}));
    there_waker.wake();
    ASSERT_EQ(receive(back, back_waker), i);
  }
  echo.join();
}

}  // namespace
}  // namespace weir
