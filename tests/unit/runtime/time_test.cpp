// SPDX-License-Identifier: Apache-2.0
// Goal: how event time goes from splits to shards: minimum, idleness, alignment, end, restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/runtime/tally.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"

namespace weir::inline v0::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

/// Two splits whose watermarks the test sets, counted by key.
struct TwoSplits {
  TwoSplits() {
    tally(topology.source("feed", feed.source()), "count", whole).to("out", probe.sink());
    Driver::Options options;
    options.job.workers = 2;
    driver = std::make_unique<Driver>(topology, options);
  }
  void watermark(std::int64_t ms, std::uint32_t split) {
    feed.watermark(EventTime{ms}, split);
    driver->settle();
  }

  Feed<std::string> feed{{.splits = 2, .has_watermarks = true}};
  Probe<std::string> probe;
  Topology topology{"time"};
  std::unique_ptr<Driver> driver;
};

TEST(Time, ShardsReachTheMinimumOverAllSplits) {
  TwoSplits job;
  job.watermark(10, 0);
  EXPECT_EQ(job.driver->watermark(), EventTime::min());
  job.watermark(5, 1);
  EXPECT_EQ(job.driver->watermark(), EventTime{5});
  job.watermark(20, 1);
  EXPECT_EQ(job.driver->watermark(), EventTime{10});
}

TEST(Time, IdleSplitHoldsNobodyBackUntilItHasCaughtUp) {
  TwoSplits job;
  job.watermark(10, 0);
  job.watermark(5, 1);
  job.feed.idle(1);
  job.driver->settle();
  EXPECT_EQ(job.driver->watermark(), EventTime{10});
  job.watermark(7, 1);  // Awake, but behind what has been promised.
  job.watermark(12, 0);
  EXPECT_EQ(job.driver->watermark(), EventTime{12});
  job.watermark(13, 1);
  job.watermark(20, 0);
  EXPECT_EQ(job.driver->watermark(), EventTime{13});
}

TEST(Time, EndOfAllInputIsTheEndOfTime) {
  TwoSplits job;
  job.feed.push("a", EventTime{1}, 0);
  job.feed.end();
  job.driver->settle();
  EXPECT_TRUE(job.driver->has_ended());
  EXPECT_EQ(job.driver->watermark(), EventTime::max());
}

TEST(Time, StopMovesNoWatermark) {
  TwoSplits job;
  job.watermark(10, 0);
  job.watermark(5, 1);
  job.driver->stop();
  EXPECT_EQ(job.driver->watermark(), EventTime{5});
}

TEST(Time, RestartKnowsHowFarTimeHadCome) {
  TwoSplits job;
  job.watermark(10, 0);
  job.watermark(5, 1);
  job.driver->set_workers(1);
  job.driver->checkpoint_and_restart();
  EXPECT_EQ(job.driver->watermark(), EventTime{5});
  job.watermark(11, 0);
  job.watermark(12, 1);
  EXPECT_EQ(job.driver->watermark(), EventTime{11});
}

/// Two splits of numbers that are times, aligned to 10 ms.
struct Aligned {
  Aligned() {
    topology.source("feed", feed.source())
        .event_time([](const std::int64_t& ms) { return EventTime{ms}; }, {.max_drift = 10ms})
        .to("out", probe.sink());
    Driver::Options options;
    options.job.exchange.batch_records = 1;
    driver = std::make_unique<Driver>(topology, options);
  }

  Feed<std::int64_t> feed{{.splits = 2}};
  Probe<std::int64_t> probe;
  Topology topology{"aligned"};
  std::unique_ptr<Driver> driver;
};

TEST(Alignment, SplitFarAheadOfTheSlowestIsNotReadFrom) {
  Aligned job;
  job.feed.push(0, 0);
  for (const std::int64_t ms : {5, 50, 500}) job.feed.push(ms, 1);
  job.driver->settle();
  EXPECT_THAT(job.probe.take(), ElementsAre(0, 5, 50));  // After 50 it is too far ahead.
  job.feed.push(45, 0);
  job.driver->settle();
  EXPECT_THAT(job.probe.take(), ElementsAre(45, 500));
}

TEST(Alignment, SplitWithNothingToFetchHoldsNobodyBack) {
  Aligned job;
  job.feed.push(0, 0);
  job.feed.idle(0);
  for (const std::int64_t ms : {5, 50, 500}) job.feed.push(ms, 1);
  job.driver->settle();
  EXPECT_THAT(job.probe.take(), ElementsAre(0, 5, 50, 500));
}

TEST(Alignment, EndedSplitHoldsNobodyBack) {
  Aligned job;
  for (const std::int64_t ms : {5, 50, 500}) job.feed.push(ms, 1);
  job.feed.end();
  job.driver->settle();
  EXPECT_TRUE(job.driver->has_ended());
  EXPECT_EQ(job.probe.size(), 3U);
}

/// Remembers for 100 ms of processing time that a key was there.
struct Memory final : KeyedProcess<std::string, std::string, int> {
  Value<bool> known = value<bool>("known", Ttl{.ttl = 100ms, .clock = TtlClock::processing});
  void on_record(const std::string&) override {
    emit(known.find() != nullptr ? 1 : 0);
    known.set(true);
  }
};

// Shards once looked at the clock with each watermark only: without any, nothing grew old.
TEST(Clock, StateGrowsOldWithoutWatermarks) {
  Feed<std::string> feed;
  Probe<int> probe;
  Topology topology{"memory"};
  topology.source("feed", feed.source())
      .key_by(whole)
      .process<Memory>()
      .stream()
      .to("out", probe.sink());
  Driver driver{topology};
  for (const Duration pause : {0ms, 60ms, 60ms, 100ms}) {
    driver.advance(pause);
    feed.push("a");
    driver.settle();
  }
  EXPECT_THAT(probe.take(), ElementsAre(0, 1, 1, 0));
}

/// "+a" remembers a for 100 ms, "a" asks for it.
struct Relaxed final : KeyedProcess<std::string, std::string, int> {
  Value<int> known = value<int>("known", Ttl{.ttl = 100ms,
                                             .clock = TtlClock::processing,
                                             .visibility = TtlVisibility::return_if_not_cleaned});
  void on_record(const std::string& record) override {
    if (record.front() == '+') return known.set(1);
    emit(known.get_or(0));
  }
};

// Sweeps once took what had expired whether it was still to be returned or not.
TEST(Clock, ExpiredValueStaysForOneReadUntilACheckpointLeavesItBehind) {
  Feed<std::string> feed;
  Probe<int> probe;
  Topology topology{"relaxed"};
  topology.source("feed", feed.source())
      .key_by([](const std::string& record) { return record.substr(record.find('+') + 1); })
      .process<Relaxed>()
      .stream()
      .to("out", probe.sink());
  Driver driver{topology};
  for (const std::string record : {"+a", "+b", "+c", "a", "a"}) {
    feed.push(record);
    driver.advance(60ms);
  }
  EXPECT_THAT(probe.take(), ElementsAre(1, 0));
  driver.advance(100ms);
  driver.checkpoint();
  for (int round = 0; round < 20; ++round) driver.advance(10ms);  // A sweep takes several.
  feed.push("b");
  driver.settle();
  EXPECT_THAT(probe.take(), ElementsAre(0));
}

TEST(Restart, CountsGoOnWithAnyNumberOfWorkers) {
  Feed<std::string> feed;
  Probe<std::string> probe;
  Topology topology{"workers"};
  tally(topology.source("feed", feed.source()), "count", whole).to("out", probe.sink());
  Driver driver{topology};
  for (const std::uint32_t workers : {3U, 2U, 5U, 1U}) {
    feed.push("a");
    driver.settle();
    driver.set_workers(workers);
    driver.checkpoint_and_restart();
  }
  EXPECT_THAT(probe.take(), ElementsAre("a:1", "a:2", "a:3", "a:4"));
}

}  // namespace
}  // namespace weir::inline v0::testing
