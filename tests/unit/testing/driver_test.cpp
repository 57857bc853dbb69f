// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

using Count = Change<std::string, std::int64_t>;
using Counted = Windowed<std::string, std::int64_t>;

/// Words, counted for ever.
struct Counting {
  Counting() {
    topology.source("words", words.source())
        .key_by(std::identity{})
        .count()
        .changes()
        .to("counts", counts.sink());
  }

  Feed<std::string> words;
  Probe<Count> counts;
  Topology topology{"counting"};
};

TEST(Driver, RunsATopologyStepByStep) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  EXPECT_TRUE(driver.step());
  driver.settle();
  EXPECT_THAT(job.counts.take(), ElementsAre(Count{"a", std::nullopt, 1}));
  EXPECT_FALSE(driver.step());
}

TEST(Driver, RestartFromACheckpointChangesNothing) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  driver.checkpoint_and_restart();
  job.words.push("a");
  driver.settle();
  EXPECT_THAT(job.counts.take(), ElementsAre(Count{"a", std::nullopt, 1}, Count{"a", 1, 2}));
}

TEST(Driver, RestartWithoutACheckpointReplaysWhatCameAfterTheLastOne) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  driver.checkpoint();
  job.words.push("b");
  driver.settle();
  EXPECT_THAT(job.counts.take(), SizeIs(2));
  driver.restart();
  driver.settle();
  EXPECT_THAT(job.counts.take(), ElementsAre(Count{"b", std::nullopt, 1}));
}

TEST(Driver, EndOfTheFeedEndsTheJob) {
  Counting job;
  Driver driver{job.topology};
  job.words.push("a");
  job.words.end();
  driver.settle();
  EXPECT_TRUE(driver.has_ended());
  EXPECT_THROW(driver.checkpoint(), Error);
}

TEST(Driver, FeedWithWatermarksLeavesTimeToTheTest) {
  Feed<std::string> words{{.has_watermarks = true}};
  Probe<Counted> counts;
  Topology topology{"windows"};
  topology.source("words", words.source())
      .key_by(std::identity{})
      .window(tumbling(10ms))
      .count()
      .to("counts", counts.sink());
  Driver driver{topology};
  words.push("a", EventTime{3});
  words.push("a", EventTime{7});
  words.watermark(EventTime{8});
  driver.settle();
  EXPECT_THAT(counts.take(), IsEmpty());
  words.watermark(EventTime{9});
  driver.settle();
  EXPECT_THAT(counts.take(),
              ElementsAre(Counted{"a", 2, EventTime{0}, EventTime{10}, {PaneTiming::on_time, 0}}));
}

TEST(Driver, FinishEndsTimeAndFiresEverything) {
  Feed<std::string> words{{.has_watermarks = true}};
  Probe<Counted> counts;
  Topology topology{"windows"};
  topology.source("words", words.source())
      .key_by(std::identity{})
      .window(tumbling(10ms))
      .count()
      .to("counts", counts.sink());
  Driver driver{topology};
  words.push("a", EventTime{3});
  driver.finish();
  EXPECT_TRUE(driver.has_ended());
  EXPECT_THAT(counts.take(), SizeIs(1));
}

/// Says of each key when it has been silent for a second of processing time.
struct Silence final : KeyedProcess<std::string, std::string, std::string> {
  void on_record(const std::string&) override { wake_at_processing_time(now() + 1s); }
  void on_timer(const Timer&) override { emit(key()); }
};

TEST(Driver, ProcessingTimeGoesByOnlyWhenTheTestSaysSo) {
  Feed<std::string> words;
  Probe<std::string> silent;
  Topology topology{"silence"};
  topology.source("words", words.source())
      .key_by(std::identity{})
      .process<Silence>()
      .to("silent", silent.sink());
  Driver driver{topology};
  words.push("a");
  driver.settle();
  driver.advance(999ms);
  EXPECT_THAT(silent.take(), IsEmpty());
  driver.advance(1ms);
  EXPECT_THAT(silent.take(), ElementsAre("a"));
}

TEST(Driver, UserCodeThatThrowsComesOutOfTheCall) {
  Feed<int> numbers;
  Probe<int> out;
  Topology topology{"broken"};
  topology.source("numbers", numbers.source())
      .map([](int number) -> int {
        if (number == 2) throw std::runtime_error{"two"};
        return number;
      })
      .named("fussy")
      .to("out", out.sink());
  Driver driver{topology};
  numbers.push(1);
  driver.settle();
  numbers.push(2);
  try {
    driver.settle();
    FAIL() << "nothing was thrown";
  } catch (const OperatorError& error) {
    EXPECT_EQ(error.node(), "fussy");
    EXPECT_THAT(error.what(), HasSubstr("two"));
  }
}

TEST(Driver, WrongTopologyIsRefusedAtOnce) {
  Feed<int> numbers;
  Topology topology{"wrong"};
  topology.source("numbers", numbers.source());  // Nobody consumes it.
  EXPECT_THROW(Driver{topology}, ConfigError);
}

TEST(Driver, FullProbeHoldsTheStreamBack) {
  Feed<int> numbers;
  Probe<int> out;
  Topology topology{"full"};
  topology.source("numbers", numbers.source()).to("out", out.sink());
  Driver driver{topology};
  out.set_full(true);
  numbers.push(1);
  driver.settle();
  EXPECT_EQ(out.size(), 0U);
  out.set_full(false);
  driver.settle();
  EXPECT_THAT(out.take(), ElementsAre(1));
}

TEST(Driver, ResultsOfOneWindowComeOutByKey) {
  Feed<std::string> words{{.has_watermarks = true}};
  Probe<Counted> counts;
  Topology topology{"ordered"};
  topology.source("words", words.source())
      .key_by(std::identity{})
      .window(tumbling(10ms))
      .count()
      .to("counts", counts.sink());
  Driver::Options options;
  options.job.shards = 1;
  Driver driver{topology, options};
  for (const char* word : {"d", "b", "e", "a", "c"}) words.push(word, EventTime{1});
  driver.finish();
  std::vector<std::string> keys;
  for (const Counted& count : counts.take()) keys.push_back(count.key);
  EXPECT_THAT(keys, ElementsAre("a", "b", "c", "d", "e"));
}

}  // namespace
}  // namespace weir::testing
