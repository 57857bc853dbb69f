// SPDX-License-Identifier: Apache-2.0
// Goal: the rules a barrier keeps on its way from the splits to the committed checkpoint. That all
// of them together give one consistent cut is shown by exchange_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/process.hpp"
#include "tests/unit/runtime/tally.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"
#include "weir/testing/virtual_clock.hpp"

namespace weir::inline v0::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

EventTime time_of(const std::string& text) { return EventTime{std::stoll(text)}; }

TEST(Barrier, SplitsGiveItWhenIdleWaitingHeldBackOrEnded) {
  Feed<std::string> feed{{.splits = 4}};
  Feed<std::string> ended;
  Probe<std::string> probe;
  Topology topology{"splits"};
  const auto timed =
      topology.source("feed", feed.source()).event_time(time_of, {.max_drift = 10ms});
  const auto other = topology.source("ended", ended.source());
  tally(timed, "count", whole).to("out", probe.sink());
  tally(other, "other", whole).to("other-out", Probe<std::string>{"other"}.sink());
  Driver driver{topology};
  ended.end();
  feed.push("1", 0);
  feed.push("1000", 1);  // Far ahead: held back from here on.
  feed.push("2000", 1);
  feed.idle(2);  // Split 3 has said nothing at all.
  driver.settle();
  driver.checkpoint();
  EXPECT_EQ(driver.last_checkpoint(), 1U);
}

TEST(Barrier, StreamThatIsBlockedGivesItOnceItCanGoOn) {
  Feed<std::string> feed;
  Probe<std::string> probe;
  Topology topology{"blocked"};
  topology.source("feed", feed.source()).to("out", probe.sink());
  Driver driver{topology};
  probe.set_full(true);
  feed.push("a");
  driver.settle();
  driver.request_checkpoint();
  driver.settle();
  EXPECT_EQ(driver.last_checkpoint(), 0U);
  EXPECT_THAT(driver.status(), HasSubstr("checkpoint 1: waiting for feed/0"));
  probe.set_full(false);
  driver.settle();
  EXPECT_EQ(driver.last_checkpoint(), 1U);
  EXPECT_THAT(probe.take(), ElementsAre("a"));
}

TEST(Barrier, OneCheckpointIsUnderWayAtATime) {
  Feed<std::string> feed;
  Probe<std::string> probe;
  Topology topology{"twice"};
  tally(topology.source("feed", feed.source()), "count", whole).to("out", probe.sink());
  Driver driver{topology};
  driver.settle();
  driver.request_checkpoint();
  driver.step();
  ASSERT_THAT(driver.status(), HasSubstr("checkpoint 1: waiting for"));
  driver.request_checkpoint();
  driver.step();
  EXPECT_THAT(driver.status(), HasSubstr("checkpoint 1: waiting for"));
  driver.settle();
  EXPECT_EQ(driver.last_checkpoint(), 2U);
}

/// A process of its own, so that a test can choose who works.
struct SteppedJob {
  SteppedJob() {
    tally(topology.source("feed", feed.source()), "count", whole).to("out", probe.sink());
    Process::Options options;
    options.job.workers = 1;
    options.job.shards = 2;
    options.job.clock = std::make_shared<VirtualClock>();
    options.job.files = std::make_shared<SimDisk>(effects);
    options.job.checkpoints.directory = "checkpoints";
    process = std::make_unique<Process>(topology, options);
    process->start();
  }

  Effects effects;
  Feed<std::string> feed;
  Probe<std::string> probe;
  Topology topology{"stepped"};
  std::unique_ptr<Process> process;
};

TEST(Barrier, CommitNeedsNoStepOfAShardThatHasHandedOver) {
  SteppedJob job;
  job.feed.push("a");
  job.process->settle();
  detail::Attempt& attempt = job.process->attempt();
  attempt.request_checkpoint();
  for (int round = 0; round < 100; ++round) {
    job.process->step_actor(0);
    attempt.workers()[0]->run_once();
    if (attempt.waiting_for().find("being stored") != std::string::npos) break;
  }
  ASSERT_THAT(attempt.waiting_for(), HasSubstr("being stored"));
  job.feed.push("b");  // Nobody reads it: no worker has another turn.
  for (int round = 0; round < 100; ++round) {
    job.process->step_actor(0);
    job.process->step_actor(1);
  }
  EXPECT_EQ(attempt.last_committed(), CheckpointId{1});
  EXPECT_THAT(job.probe.take(), ElementsAre("a:1"));
}

TEST(Barrier, LastCheckpointCommitsWhatStopLeaves) {
  Feed<std::string> feed;
  Probe<std::string> probe;
  Topology topology{"stop"};
  tally(topology.source("feed", feed.source()), "count", whole).to("out", probe.sink());
  Driver driver{topology};
  feed.push("a");
  driver.settle();
  driver.stop();
  EXPECT_TRUE(driver.has_ended());
  feed.push("a");
  driver.restart();
  driver.settle();
  EXPECT_THAT(probe.take(), ElementsAre("a:1", "a:2"));
}

}  // namespace
}  // namespace weir::inline v0::testing
