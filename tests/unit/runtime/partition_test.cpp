// SPDX-License-Identifier: Apache-2.0
// Goal: a stage that is keyed by partition has the shards of the partitions that are read, each
// with the records and the time of its own, and gives the answer that the exchange gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/runtime/tally.hpp"
#include "weir/error.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/random.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/probe.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/testing/swarm.hpp"

namespace weir::inline v0::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

using Words = std::vector<std::string>;
using Count = Change<std::string, std::int64_t>;

std::string text_of(const Count& count) { return count.key + ":" + std::to_string(*count.now); }

/// Counts words by partition, twice: the second stage gets what the first one has.
void count_twice(const Stream<std::string>& words, Probe<std::string>& out) {
  words.key_by(std::identity{})
      .keyed_by_partition()
      .count()
      .changes()
      .map(text_of)
      .key_by(before_colon)
      .keyed_by_partition()
      .named("again")
      .count()
      .changes()
      .map(text_of)
      .to("out", out.sink());
}

TEST(KeyedByPartition, RecordIsCountedWhereItWasRead) {
  Feed<std::string> words{{.splits = 2}};
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(topology.source("words", words.source()), out);
  Driver driver{topology};
  words.push("a", 0);
  words.push("a", 1);  // Not where it belongs: counted apart.
  words.push("a", 1);
  driver.settle();
  EXPECT_THAT(out.take(), UnorderedElementsAre("a:1", "a:1", "a:2"));
}

TEST(KeyedByPartition, OnlyTheShardsOfPartitionsThatAreReadAreThere) {
  Feed<std::string> words{{.splits = 5, .assigned = {{1, 4}}}};
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(topology.source("words", words.source()), out);
  Driver driver{topology};
  for (std::uint32_t split = 0; split < 5; ++split) words.push(std::to_string(split), split);
  driver.settle();
  EXPECT_THAT(out.take(), UnorderedElementsAre("1:1", "4:1"));
  EXPECT_THAT(driver.status(), HasSubstr("again/4"));
  EXPECT_THAT(driver.status(), ::testing::Not(HasSubstr("again/0")));
}

TEST(KeyedByPartition, ProcessWithoutPartitionsCommitsAndEnds) {
  Feed<std::string> words{{.splits = 2, .assigned = {{}}}};
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(topology.source("words", words.source()), out);
  Driver driver{topology};
  driver.settle();
  EXPECT_TRUE(driver.has_ended());
  EXPECT_THAT(out.take(), IsEmpty());
}

TEST(KeyedByPartition, ProcessWithoutPartitionsOfAnEndlessTopicStandsBy) {
  Effects effects;
  VirtualClock clock;
  SimLog log{effects, clock};
  log.create_topic("words", 2);
  const auto client = std::make_shared<LogClient>(log, LogClient::Options{.assigned = {{}}});
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(topology.source("words", log_source<std::string>(
                                           client, "words",
                                           [](const LogRecord& record) { return *record.value; },
                                           {.is_bounded = false})),
              out);
  Driver driver{topology};
  driver.settle();
  EXPECT_FALSE(driver.has_ended());
  EXPECT_THAT([&] { driver.checkpoint(); }, ThrowsMessage<Error>(HasSubstr("standing by")));
}

TEST(KeyedByPartition, ShardHasTheTimeOfItsPartitionAlone) {
  Feed<std::string> words{{.splits = 2, .has_watermarks = true}};
  Probe<std::string> out;
  Topology topology{"windows"};
  topology.source("words", words.source())
      .key_by(std::identity{})
      .keyed_by_partition()
      .window(tumbling(10ms))
      .count()
      .map([](const Windowed<std::string, std::int64_t>& window) { return window.key; })
      .to("out", out.sink());
  Driver driver{topology};
  words.push("a", EventTime{1}, 0);
  words.push("b", EventTime{1}, 1);
  words.watermark(EventTime{50}, 1);
  driver.settle();
  EXPECT_THAT(out.take(), ElementsAre("b"));
  words.watermark(EventTime{50}, 0);
  driver.settle();
  EXPECT_THAT(out.take(), ElementsAre("a"));
}

TEST(KeyedByPartition, SourcesThatMeetAreReadInTheSamePartitions) {
  Feed<std::string> left{{.splits = 2, .topic = "left"}};
  Feed<std::string> right{{.splits = 2, .topic = "right", .assigned = {{1}}}};
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(
      topology.source("left", left.source()).union_with(topology.source("right", right.source())),
      out);
  EXPECT_THAT([&] { Driver{topology}; },
              ThrowsMessage<ConfigError>(HasSubstr("assign partition p of each to one process")));
}

TEST(KeyedByPartition, TopicThatHasGrownIsRefused) {
  const auto run = [](std::uint32_t partitions, const Driver::Options& options) {
    Feed<std::string> words{{.splits = partitions}};
    Probe<std::string> out;
    Topology topology{"count"};
    count_twice(topology.source("words", words.source()), out);
    Driver driver{topology, options};
    words.push("a");
    driver.settle();
    driver.checkpoint();
  };
  Effects effects;
  Driver::Options options;
  options.job.files = std::make_shared<SimDisk>(effects);
  run(2, options);
  run(2, options);
  EXPECT_THAT([&] { run(3, options); },
              ThrowsMessage<IncompatibleState>(HasSubstr("has grown under keyed_by_partition()")));
}

std::uint32_t partition_of(const std::string& word, std::uint32_t partitions) {
  return static_cast<std::uint32_t>(word.front() - 'a') % partitions;
}

/// Two sources of words that meet in one stage, counted twice, with restarts in between.
void run_random(std::uint64_t seed) {
  SCOPED_TRACE(replay(seed));
  Swarm swarm{seed};
  Random& random = swarm.random();
  const std::uint32_t splits = swarm.one_of({1U, 2U, 5U});
  Feed<std::string> left{{.splits = splits, .topic = "left"}};
  Feed<std::string> right{{.splits = splits, .topic = "right"}};
  Probe<std::string> out;
  Topology topology{"count"};
  count_twice(
      topology.source("left", left.source()).union_with(topology.source("right", right.source())),
      out);
  Driver::Options options;
  options.seed = seed;
  options.job.workers = swarm.one_of({1U, 2U, 3U});
  options.job.exchange.ring_elements = swarm.one_of<std::size_t>({1, 1, 2, 16});
  options.job.exchange.batch_records = swarm.one_of({1U, 3U, 100U});
  options.job.guarantee = Guarantee::exactly_once;
  Driver driver{topology, options};

  std::map<std::string, std::int64_t> counts;
  const double restarts = swarm.probability(0.03);
  for (int pushed = 0; pushed < 100; ++pushed) {
    const std::string word(1, static_cast<char>('a' + random.below(7)));
    ++counts[word];
    (random.chance(0.5) ? left : right).push(word, partition_of(word, splits));
    for (std::uint64_t steps = random.below(20); steps > 0; --steps) driver.step();
    if (random.chance(0.05)) driver.request_checkpoint();
    if (!random.chance(restarts)) continue;
    driver.set_workers(swarm.one_of({1U, 2U, 4U}));
    driver.restart();
  }
  left.end();
  right.end();
  driver.settle();
  ASSERT_TRUE(driver.has_ended()) << driver.status();
  Words expected;
  for (const auto& [word, count] : counts) {
    for (std::int64_t number = 1; number <= count; ++number) {
      expected.push_back(word + ":" + std::to_string(number));
    }
  }
  EXPECT_THAT(out.take(), ::testing::UnorderedElementsAreArray(expected));
}

TEST(KeyedByPartition, LosesAndRepeatsNothing) { for_each_seed(20, run_random); }

}  // namespace
}  // namespace weir::inline v0::testing
