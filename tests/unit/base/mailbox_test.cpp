// SPDX-License-Identifier: Apache-2.0
#include "base/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace weir {
namespace {

using testing::ElementsAre;

TEST(Mailbox, GivesAllMessagesAtOnceInTheOrderTheyCame) {
  Waker waker;
  Mailbox<int> mailbox{10, waker};
  ASSERT_EQ(mailbox.post(1), Post::posted);
  ASSERT_EQ(mailbox.post(2), Post::posted);
  std::vector<int> messages;

  EXPECT_TRUE(mailbox.take_all(messages));

  EXPECT_THAT(messages, ElementsAre(1, 2));
  EXPECT_TRUE(mailbox.empty());
}

TEST(Mailbox, GivesNothingIfNothingCame) {
  Waker waker;
  Mailbox<int> mailbox{10, waker};
  std::vector<int> messages{7};
  EXPECT_FALSE(mailbox.take_all(messages));
  EXPECT_TRUE(messages.empty());
}

TEST(Mailbox, LeavesAMessageThatDoesNotFitWithTheSender) {
  Waker waker;
  Mailbox<std::unique_ptr<int>> mailbox{1, waker};
  ASSERT_EQ(mailbox.post(std::make_unique<int>(1)), Post::posted);
  auto second = std::make_unique<int>(2);

  EXPECT_EQ(mailbox.post(std::move(second)), Post::full);

  EXPECT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): that is the point
}

TEST(Mailbox, HasRoomAgainOnceItWasEmptied) {
  Waker waker;
  Mailbox<int> mailbox{1, waker};
  std::vector<int> messages;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(mailbox.post(int{i}), Post::posted);
    ASSERT_EQ(mailbox.post(-1), Post::full);
    ASSERT_TRUE(mailbox.take_all(messages));
  }
}

TEST(Mailbox, RefusesMessagesOnceItIsClosedAndKeepsThoseBefore) {
  Waker waker;
  Mailbox<int> mailbox{10, waker};
  ASSERT_EQ(mailbox.post(1), Post::posted);

  mailbox.close();

  EXPECT_EQ(mailbox.post(2), Post::closed);
  EXPECT_TRUE(mailbox.is_closed());
  std::vector<int> messages;
  EXPECT_TRUE(mailbox.take_all(messages));
  EXPECT_THAT(messages, ElementsAre(1));
}

TEST(Mailbox, WakesItsReaderForAMessageAndForItsEnd) {
  using namespace std::chrono_literals;
  Waker waker;
  Mailbox<int> mailbox{10, waker};

  waker.prepare();
  ASSERT_EQ(mailbox.post(1), Post::posted);
  EXPECT_TRUE(waker.park(1h));

  waker.prepare();
  mailbox.close();
  EXPECT_TRUE(waker.park(1h));
}

// Four senders, a reader that sleeps whenever it sees nothing, and little room.
TEST(Mailbox, HandsOverEveryMessageOfEverySenderInItsOrder) {
  constexpr int kSenders = 4;
  constexpr int kMessages = 5'000;
  Waker waker;
  Mailbox<std::pair<int, int>> mailbox{8, waker};
  std::vector<std::thread> senders;
  senders.reserve(kSenders);
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&mailbox, sender] {
      for (int i = 0; i < kMessages; ++i) {
        while (mailbox.post({sender, i}) != Post::posted) std::this_thread::yield();
      }
    });
  }

  std::vector<int> next(kSenders, 0);
  std::vector<std::pair<int, int>> messages;
  for (int received = 0; received < kSenders * kMessages;) {
    if (!mailbox.take_all(messages)) {
      waker.prepare();
      if (mailbox.empty()) {
        waker.park();
      } else {
        waker.cancel();
      }
    }
    for (const auto& [sender, number] : messages) {
      EXPECT_EQ(number, next[static_cast<std::size_t>(sender)]++);
      ++received;
    }
  }
  for (std::thread& sender : senders) sender.join();
}

}  // namespace
}  // namespace weir
