// SPDX-License-Identifier: Apache-2.0
#include "weir/io/push.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/waker.hpp"
#include "tests/unit/io/reading.hpp"
#include "weir/error.hpp"

namespace weir::io_test {
namespace {

using io::PushResult;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;
using Texts = std::vector<std::string>;
using Reader = std::unique_ptr<SplitReader<std::string>>;

Reader open(const io::PushSource<std::string>& source, const std::string& split = "push",
            const std::optional<Position>& position = std::nullopt) {
  return source.source()->open({split}, position, inline_context());
}

TEST(PushSource, GivesRecordsInTheOrderOfTheirPush) {
  io::PushSource<std::string> source;
  source.push("before the job");
  const auto job = source.source();
  const Reader reader = open(source);
  source.push("one");
  source.push(std::string{"two"});

  EXPECT_EQ(reader->lag(), 3U);
  EXPECT_THAT(poll_once(*reader, 2).values, ElementsAre("before the job", "one"));
  EXPECT_EQ(reader->record_number(), 2U);
  EXPECT_THAT(poll_once(*reader, 2).values, ElementsAre("two"));
  EXPECT_EQ(poll_once(*reader).poll, Poll::nothing);
}

TEST(PushSource, IsNotReplayableWithoutProducersAndEndsWhenClosed) {
  io::PushSource<std::string> source;
  const auto job = source.source();
  const Reader reader = open(source);
  EXPECT_FALSE(job->is_replayable());
  EXPECT_FALSE(job->is_bounded());

  source.push("last");
  source.close();

  EXPECT_EQ(source.push("too late"), PushResult::closed);
  EXPECT_TRUE(job->is_bounded());
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("last"));
  EXPECT_EQ(poll_once(*reader).poll, Poll::ended);
}

TEST(PushSource, CarriesEventTimesWhereItHasThem) {
  io::PushSource<std::string> source{{.has_event_time = true}};
  const auto job = source.source();
  const Reader reader = open(source);
  source.push_at("a", EventTime{7});

  EXPECT_TRUE(job->has_event_time());
  EXPECT_THAT(poll_once(*reader).times, ElementsAre(EventTime{7}));
  EXPECT_THAT([&] { source.push("b"); }, ThrowsMessage<Error>(HasSubstr("use push_at()")));
}

TEST(PushSource, SaysWhichWayToPush) {
  io::PushSource<std::string> plain;
  EXPECT_THAT([&] { plain.push_at("b", EventTime{1}); },
              ThrowsMessage<Error>(HasSubstr("use push()")));
  io::PushSource<std::string> named{{.producers = {"a"}}};
  EXPECT_THAT([&] { named.push("b"); }, ThrowsMessage<Error>(HasSubstr("has producers")));
  EXPECT_THAT([&] { static_cast<void>(named.producer("x")); },
              ThrowsMessage<ConfigError>(HasSubstr("no producer 'x'")));
}

TEST(PushSource, IsFullByRecords) {
  io::PushSource<std::string> source{{.max_records = 2}};
  const auto job = source.source();
  const Reader reader = open(source);
  EXPECT_EQ(source.try_push("a"), PushResult::pushed);
  EXPECT_EQ(source.try_push("b"), PushResult::pushed);
  std::string kept = "kept by the caller";
  EXPECT_EQ(source.try_push(std::move(kept)), PushResult::full);
  EXPECT_EQ(kept, "kept by the caller");
  EXPECT_EQ(source.push("d", Duration{1}), PushResult::full);

  poll_once(*reader, 1);
  EXPECT_EQ(source.try_push(std::move(kept)), PushResult::pushed);
}

TEST(PushSource, IsFullByBytesButTakesOneRecordOfAnySize) {
  io::PushSource<std::string> source{{.max_bytes = 1'000}};
  const auto job = source.source();
  const Reader reader = open(source);
  EXPECT_EQ(source.try_push(std::string(5'000, 'a')), PushResult::pushed);
  EXPECT_EQ(source.try_push("b"), PushResult::full);

  EXPECT_GE(poll_once(*reader).bytes, 5'000U);
  EXPECT_EQ(source.try_push("b"), PushResult::pushed);
}

TEST(PushSource, ABlockedPushGoesOnWhenThereIsRoom) {
  io::PushSource<std::string> source{{.max_records = 1}};
  const auto job = source.source();
  const Reader reader = open(source);
  source.push("a");
  auto blocked = std::async(std::launch::async, [&] { return source.push("b"); });

  Texts seen;
  while (seen.size() < 2) {
    for (std::string& value : poll_once(*reader).values) seen.push_back(std::move(value));
    std::this_thread::yield();
  }

  EXPECT_EQ(blocked.get(), PushResult::pushed);
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST(PushSource, ABlockedPushIsClosedWhenTheJobEnds) {
  io::PushSource<std::string> source{{.max_records = 1}};
  auto job = source.source();
  source.push("a");
  auto first = std::async(std::launch::async, [&] { return source.push("b"); });
  job->job_ended();
  EXPECT_EQ(first.get(), PushResult::closed);
  EXPECT_EQ(source.push("c"), PushResult::closed);

  const auto reader = job->open({"push"}, std::nullopt, inline_context());  // Another job.
  auto second = std::async(std::launch::async, [&] { return source.push("d"); });
  job.reset();  // The topology is gone.
  EXPECT_EQ(second.get(), PushResult::closed);
}

TEST(PushSource, WakesTheWorkerThatFoundNothing) {
  io::PushSource<std::string> source;
  const auto job = source.source();
  Waker waker;
  SourceContext context = inline_context();
  context.wake = [&] { waker.wake(); };
  const auto reader = job->open({"push"}, std::nullopt, context);
  EXPECT_EQ(poll_once(*reader).poll, Poll::nothing);

  waker.prepare();
  std::thread host{[&] { source.push("a"); }};
  EXPECT_TRUE(waker.park(std::chrono::seconds{20}));
  host.join();
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("a"));
}

TEST(PushSource, TakesRecordsOfManyThreads) {
  io::PushSource<std::string> source{{.max_records = 10}};
  const auto job = source.source();
  const Reader reader = open(source);
  std::vector<std::thread> hosts;
  for (int host = 0; host < 4; ++host) {
    hosts.emplace_back([&source, host] {
      for (int i = 0; i < 500; ++i) source.push(std::to_string(host * 1'000 + i));
    });
  }

  Texts seen;
  while (seen.size() < 2'000) {
    for (std::string& value : poll_once(*reader).values) seen.push_back(std::move(value));
  }
  for (std::thread& host : hosts) host.join();

  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(PushSource, WhatWaitsIsThereForTheNextAttempt) {
  io::PushSource<std::string> source;
  const auto job = source.source();
  Reader reader = open(source);
  source.push("lost");
  source.push("waits");
  poll_once(*reader, 1);
  reader.reset();

  reader = open(source);
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("waits"));
}

TEST(PushSource, NamesAllOptionsThatCannotBe) {
  const io::PushSource<int> source{{.max_records = 0, .max_bytes = 0, .producers = {"a", "", "a"}}};

  EXPECT_THAT(source.source()->faults(),
              ElementsAre(HasSubstr("max_records"), HasSubstr("max_bytes"), HasSubstr("empty"),
                          HasSubstr("two producers are called 'a'")));
}

class PushProducer : public testing::Test {
 protected:
  void SetUp() override { committed_.clear(); }

  std::vector<std::pair<std::string, std::uint64_t>> committed_;
  io::PushSource<std::string> source_{
      {.producers = {"a", "b"},
       .committed = [this](const std::string& producer, std::uint64_t position) {
         committed_.emplace_back(producer, position);
       }}};
  std::shared_ptr<Source<std::string>> job_ = source_.source();
  io::PushProducer<std::string> a_ = source_.producer("a");
};

TEST_F(PushProducer, EachHasASplitOfItsName) {
  EXPECT_TRUE(job_->is_replayable());
  EXPECT_THAT(job_->splits(inline_context()), ElementsAre(SplitId{"a"}, SplitId{"b"}));
}

TEST_F(PushProducer, WaitsUntilTheJobSaysWhereToGoOn) {
  EXPECT_EQ(a_.try_push("one", 1), PushResult::full);
  EXPECT_FALSE(a_.wait_until_open(Duration{1}));
  auto blocked = std::async(std::launch::async, [&] { return a_.push("one", 1); });

  const Reader reader = open(source_, "a");

  EXPECT_TRUE(a_.wait_until_open());
  EXPECT_EQ(a_.last_committed(), std::nullopt);
  EXPECT_EQ(blocked.get(), PushResult::pushed);
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("one"));
}

TEST_F(PushProducer, PositionsMayLeaveGapsAndKnownOnesAreDropped) {
  const Reader reader = open(source_, "a");
  EXPECT_EQ(reader->record_number(), 0U);
  EXPECT_EQ(a_.push("zero", 0), PushResult::pushed);
  EXPECT_EQ(a_.push("ten", 10), PushResult::pushed);
  EXPECT_EQ(a_.push("ten again", 10), PushResult::pushed);
  EXPECT_EQ(a_.push("five", 5), PushResult::pushed);

  EXPECT_THAT(poll_once(*reader).values, ElementsAre("zero", "ten"));
  EXPECT_EQ(reader->record_number(), 11U);
}

TEST_F(PushProducer, KnowsAfterARestartWhatWasCommitted) {
  Reader reader = open(source_, "a");
  a_.push("one", 1);
  a_.push("two", 2);
  poll_once(*reader, 1);
  const Position position = reader->position();
  io::PushSource<std::string> restarted{{.producers = {"a", "b"}}};
  const auto job = restarted.source();

  const auto again = open(restarted, "a", position);

  EXPECT_EQ(restarted.last_committed("a"), 1U);
  EXPECT_EQ(restarted.producer("a").push("one", 1), PushResult::pushed);
  EXPECT_EQ(restarted.producer("a").push("two", 2), PushResult::pushed);
  EXPECT_THAT(poll_once(*again).values, ElementsAre("two"));
}

TEST_F(PushProducer, IsToldOnceThatTheJobWentBack) {
  Reader reader = open(source_, "a");
  a_.push("one", 1);
  poll_once(*reader);
  const Position committed = reader->position();
  a_.push("two", 2);
  poll_once(*reader);
  a_.push("three", 3);
  reader.reset();

  reader = open(source_, "a", committed);

  EXPECT_EQ(a_.push("four", 4), PushResult::rewound);
  EXPECT_EQ(a_.last_committed(), 1U);
  EXPECT_EQ(a_.push("two", 2), PushResult::pushed);
  EXPECT_EQ(a_.push("three", 3), PushResult::pushed);
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("two", "three"));
}

TEST_F(PushProducer, IsNotToldWhenNothingWasLost) {
  Reader reader = open(source_, "a");
  a_.push("one", 1);
  poll_once(*reader);
  const Position committed = reader->position();
  reader.reset();

  reader = open(source_, "a", committed);

  EXPECT_EQ(a_.push("two", 2), PushResult::pushed);
}

TEST_F(PushProducer, ARewindMakesRoomInTheQueue) {
  io::PushSource<std::string> source{{.max_records = 1, .producers = {"a"}}};
  const auto job = source.source();
  auto producer = source.producer("a");
  Reader reader = open(source, "a");
  producer.push("one", 1);
  reader.reset();

  reader = open(source, "a");

  EXPECT_EQ(producer.try_push("one", 1), PushResult::rewound);
  EXPECT_EQ(producer.try_push("one", 1), PushResult::pushed);
}

TEST_F(PushProducer, ReportsCommittedPositionsOnce) {
  const Reader reader = open(source_, "a");
  const Position start = reader->position();
  a_.push("seven", 7);
  poll_once(*reader);

  job_->committed({"a"}, start);
  job_->committed({"a"}, reader->position());
  job_->committed({"a"}, reader->position());

  EXPECT_THAT(committed_, ElementsAre(Pair("a", 7U)));
  EXPECT_EQ(a_.last_committed(), 7U);
  EXPECT_EQ(source_.last_committed("b"), std::nullopt);
}

TEST_F(PushProducer, ClosesItsOwnSplitAlone) {
  const Reader a = open(source_, "a");
  const Reader b = open(source_, "b");

  a_.close();

  EXPECT_EQ(poll_once(*a).poll, Poll::ended);
  EXPECT_EQ(poll_once(*b).poll, Poll::nothing);
  EXPECT_FALSE(job_->is_bounded());
}

TEST_F(PushProducer, RefusesAPositionThatIsNone) {
  EXPECT_THROW(open(source_, "a", Position{""}), CorruptState);
}

}  // namespace
}  // namespace weir::io_test
