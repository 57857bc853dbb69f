// SPDX-License-Identifier: Apache-2.0
// Goal: an authority hands splits over, or waits for some, and nothing is lost or done twice.
// Method: counts under a Driver, with an authority that does what the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "scripted_authority.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"
#include "weir/topology.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

using Count = Change<std::string, std::int64_t>;

/// Words, counted for ever, with somebody else deciding about the commits.
struct Counting {
  Counting() {
    const auto changes =
        topology.source("words", words.source()).key_by(std::identity{}).count().changes();
    changes.to("counts", counts.sink());
    changes.to("log", std::make_shared<AuthoritySink<Count>>(authority));
  }

  std::shared_ptr<ScriptedAuthority> authority = std::make_shared<ScriptedAuthority>();
  Feed<std::string> words;
  Probe<Count> counts;
  Topology topology{"counting"};
};

TEST(HandOver, CommitsEverythingAndReadsOnInTheNextAttempt) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  driver.settle();
  job.authority->hand_over("another member has joined");
  job.words.push("a");
  driver.settle();
  EXPECT_EQ(job.authority->open_count(), 2);
  EXPECT_THAT(job.counts.take(), ElementsAre(Count{"a", std::nullopt, 1}, Count{"a", 1, 2}));
}

TEST(HandOver, WaitsForACheckpointInFlight) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  driver.settle();
  job.authority->set_undecided(true);
  driver.request_checkpoint();
  for (int step = 0; step < 100; ++step) driver.step();
  EXPECT_EQ(job.authority->committed(), 0U);
  EXPECT_THAT(driver.status(), HasSubstr("checkpoint 1: being stored; the log's answer"));
  job.authority->hand_over("a rebalance");
  for (int step = 0; step < 100; ++step) driver.step();
  EXPECT_EQ(job.authority->open_count(), 1);
  job.authority->set_undecided(false);
  driver.settle();
  EXPECT_EQ(job.authority->open_count(), 2);
  EXPECT_EQ(job.authority->committed(), 2U);
}

TEST(HandOver, AskedForTwiceHappensOnce) {
  Counting job;
  Driver driver{job.topology};
  job.authority->hand_over("one");
  job.authority->hand_over("the same");
  driver.settle();
  EXPECT_EQ(job.authority->open_count(), 2);
}

TEST(HandOver, OfAJobThatFinishesComesToNothing) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  job.words.end();
  driver.step();
  job.authority->hand_over("too late");
  driver.settle();
  EXPECT_TRUE(driver.has_ended());
  EXPECT_THAT(job.counts.take(), SizeIs(1));
}

TEST(HandOver, WhatAnAuthorityAsksOfAnAttemptThatIsOverIsForgotten) {
  const auto authority = std::make_shared<ScriptedAuthority>();
  {
    Counting job;
    job.authority = authority;
    Topology topology{"counting"};
    topology.source("words", job.words.source())
        .to("log", std::make_shared<AuthoritySink<std::string>>(authority));
    Driver driver{topology};
    driver.settle();
  }
  authority->hand_over("nobody is there");
  authority->fail(std::make_exception_ptr(IoError{"nobody is there"}));
  EXPECT_EQ(authority->open_count(), 1);
}

TEST(HandOver, AnAuthorityMayFailTheAttempt) {
  Counting job;
  Driver driver{job.topology};
  driver.settle();
  job.authority->fail(std::make_exception_ptr(IoError{"the assignment is lost"}));
  EXPECT_THAT([&] { driver.settle(); },
              ThrowsMessage<IoError>(HasSubstr("the assignment is lost")));
}

TEST(Standby, LastsUntilTheAuthorityIsReady) {
  Counting job;
  job.authority->set_missing("an assignment");
  Driver driver{job.topology};
  job.words.push("a");
  driver.settle();
  EXPECT_THAT(driver.status(), HasSubstr("standing by: an assignment"));
  EXPECT_THAT([&] { driver.checkpoint(); }, ThrowsMessage<Error>(HasSubstr("an assignment")));
  EXPECT_THAT(job.counts.take(), IsEmpty());
  job.authority->set_missing("");
  driver.settle();
  EXPECT_THAT(job.counts.take(), ElementsAre(Count{"a", std::nullopt, 1}));
}

TEST(Standby, GoesOnWhenItIsHandedOverAndEndsWhenItFails) {
  Counting job;
  Driver driver{job.topology};
  driver.settle();
  job.authority->set_missing("an assignment");
  job.authority->hand_over("a rebalance");
  driver.settle();
  job.authority->hand_over("another one");
  driver.settle();
  EXPECT_THAT(driver.status(), HasSubstr("standing by: an assignment"));
  job.authority->fail(std::make_exception_ptr(IoError{"the group is gone"}));
  EXPECT_THAT([&] { driver.settle(); }, ThrowsMessage<IoError>(HasSubstr("the group is gone")));
}

}  // namespace
}  // namespace weir::testing
