// SPDX-License-Identifier: Apache-2.0
// Goal: whatever the order in which workers step, and however small the rings are, every record
// arrives once, in order per key, and a restart from any checkpoint makes no difference.
// Method: the driver draws the order of steps, checkpoints and restarts from a seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/unit/runtime/tally.hpp"
#include "weir/random.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/probe.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/testing/swarm.hpp"

namespace weir::testing {
namespace {

using Words = std::vector<std::string>;

/// Builds streams behind a source; the last one is what is compared.
using Shape = Stream<std::string> (*)(const Stream<std::string>&);

Stream<std::string> one_stage(const Stream<std::string>& words) {
  return tally(words, "count", whole);
}

Stream<std::string> two_stages(const Stream<std::string>& words) {
  return tally(tally(words, "count", whole), "again", before_colon);
}

/// One stream, two ways, together again before the exchange.
Stream<std::string> diamond(const Stream<std::string>& words) {
  const auto same = words.map([](const std::string& word) { return word; });
  const auto twice = words.flat_map([](const std::string& word) { return Words{word, word}; });
  return tally(same.union_with(twice), "count", whole);
}

/// Two ways that meet again behind two exchanges of their own.
Stream<std::string> wide_diamond(const Stream<std::string>& words) {
  const auto by_word = tally(words, "by-word", whole).map(before_colon);
  const auto by_rest =
      tally(words.filter([](const std::string& word) { return word != "a"; }), "by-rest", whole)
          .map(before_colon);
  return tally(by_word.union_with(by_rest), "count", whole);
}

/// Elements that do not fit into any ring: each is cut into many.
Stream<std::string> fan_out(const Stream<std::string>& words) {
  const auto many = words.flat_map([](const std::string& word) { return Words(3000, word); });
  return tally(many, "count", whole);
}

/// How often each word comes out of the last stage, by the shape.
std::int64_t factor(Shape shape, const std::string& word) {
  if (shape == diamond) return 3;
  if (shape == wide_diamond) return word == "a" ? 1 : 2;
  return shape == fan_out ? 3000 : 1;
}

Words expected(Shape shape, const Words& words) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& word : words) counts[word] += factor(shape, word);
  Words all;
  for (const auto& [word, count] : counts) {
    for (std::int64_t number = 1; number <= count; ++number) {
      all.push_back(word + ":" + std::to_string(number));
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

Driver::Options drawn_options(Swarm& swarm, std::uint64_t seed) {
  Driver::Options options;
  options.seed = seed;
  options.job.workers = swarm.one_of({1U, 2U, 3U, 5U});
  options.job.shards = swarm.one_of({1U, 4U, 7U});
  options.job.exchange.ring_elements = swarm.one_of<std::size_t>({1, 1, 2, 16});
  options.job.exchange.batch_records = swarm.one_of({1U, 3U, 100U});
  options.job.guarantee = Guarantee::exactly_once;
  return options;
}

/// Runs a shape over random words with checkpoints and restarts in between.
void run_shape(Shape shape, std::uint64_t seed, std::size_t word_count) {
  SCOPED_TRACE(replay(seed));
  Swarm swarm{seed};
  const std::uint32_t splits = swarm.one_of({1U, 2U, 3U});
  Feed<std::string> feed{{.splits = splits}};
  Probe<std::string> probe;
  Topology topology{"shape"};
  shape(topology.source("words", feed.source())).to("out", probe.sink());
  Driver driver{topology, drawn_options(swarm, seed)};

  Words words;
  Random& random = swarm.random();
  const double restarts = swarm.probability(0.02);
  while (words.size() < word_count) {
    words.push_back(std::string(1, static_cast<char>('a' + random.below(5))));
    feed.push(words.back(), static_cast<std::uint32_t>(random.below(splits)));
    for (std::uint64_t steps = random.below(20); steps > 0; --steps) driver.step();
    if (random.chance(0.05)) driver.request_checkpoint();
    if (!random.chance(restarts)) continue;
    driver.set_workers(swarm.one_of({1U, 2U, 4U}));
    driver.restart();
  }
  feed.end();
  driver.settle();
  ASSERT_TRUE(driver.has_ended()) << driver.status();
  Words out = probe.take();
  std::sort(out.begin(), out.end());
  EXPECT_EQ(out, expected(shape, words));
}

TEST(Exchange, OneStageLosesAndRepeatsNothing) {
  for_each_seed(15, [](std::uint64_t seed) { run_shape(one_stage, seed, 100); });
}

TEST(Exchange, TwoStagesLoseAndRepeatNothing) {
  for_each_seed(15, [](std::uint64_t seed) { run_shape(two_stages, seed, 100); });
}

TEST(Exchange, DiamondLosesAndRepeatsNothing) {
  for_each_seed(15, [](std::uint64_t seed) { run_shape(diamond, seed, 100); });
}

TEST(Exchange, DiamondOverTwoExchangesLosesAndRepeatsNothing) {
  for_each_seed(15, [](std::uint64_t seed) { run_shape(wide_diamond, seed, 100); });
}

TEST(Exchange, ElementsThatDoNotFitIntoARingAreCut) {
  for_each_seed(5, [](std::uint64_t seed) { run_shape(fan_out, seed, 5); });
}

TEST(Exchange, SameSeedGivesTheSameOutputInTheSameOrder) {
  const auto run = [] {
    Feed<std::string> feed;
    Probe<std::string> probe;
    Topology topology{"same"};
    two_stages(topology.source("words", feed.source())).to("out", probe.sink());
    Driver::Options options;
    options.seed = 7;
    options.job.workers = 3;
    options.job.exchange.ring_elements = 1;
    Driver driver{topology, options};
    for (int i = 0; i < 50; ++i) feed.push(std::string(1, static_cast<char>('a' + i % 7)));
    feed.end();
    driver.settle();
    return probe.take();
  };
  const Words first = run();
  EXPECT_EQ(first.size(), 50U);
  EXPECT_EQ(run(), first);
}

}  // namespace
}  // namespace weir::testing
