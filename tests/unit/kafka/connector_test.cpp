// SPDX-License-Identifier: Apache-2.0

// The connector over a simulated broker: what a job reads, writes and commits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/io.hpp"
#include "weir/kafka.hpp"
#include "weir/testing.hpp"
#include "weir/weir.hpp"

namespace weir::kafka {
namespace {

using namespace std::chrono_literals;
using testing::World;

Format<std::int64_t> numbers() {
  return format<std::int64_t>({.name = "number",
                               .decode = [](std::string_view bytes) -> std::int64_t {
                                 if (bytes.empty()) throw BadRecord{"not a number"};
                                 return std::stoll(std::string{bytes});
                               },
                               .encode = [](const std::int64_t& value,
                                            std::string& out) { out += std::to_string(value); }});
}

testing::WorldOptions seeded(std::uint64_t seed) {
  testing::WorldOptions options;
  options.seed = seed;
  return options;
}

Cluster cluster(World& world) { return Cluster{{.brokers = "simulated", .client = world.kafka()}}; }

/// "key value" records, by turns into the partitions of a topic.
void fill(World& world, const std::string& topic, std::uint32_t partitions, std::uint32_t count) {
  world.log().create_topic(topic, partitions);
  for (std::uint32_t i = 0; i < count; ++i) {
    testing::LogRecord record;
    record.key = "k" + std::to_string(i % 7);
    record.value = *record.key + " " + std::to_string(i);
    record.time = EventTime{1'000 + i};
    world.log().append({topic, i % partitions}, record);
  }
}

std::multimap<std::string, std::string> committed(World& world, const std::string& topic) {
  std::multimap<std::string, std::string> found;
  for (const auto& record : world.log().committed_records(topic)) {
    found.emplace(record.key.value_or(""), record.value.value_or("<none>"));
  }
  return found;
}

void count_by_key(Topology& topology, World& world) {
  const Cluster kafka = cluster(world);
  topology.source("in", kafka.topic("in", text()).until(Until::end()))
      .key_by([](const std::string& line) { return line.substr(0, line.find(' ')); })
      .count()
      .changes()
      .to("out", kafka.table("out", text(), numbers()));
}

std::multimap<std::string, std::string> counts_up_to(std::uint32_t count) {
  std::multimap<std::string, std::string> expected;
  std::map<std::string, int> seen;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i % 7);
    expected.emplace(key, std::to_string(++seen[key]));
  }
  return expected;
}

/// Values of one key may come in any order from a multimap with equal keys: sorts them.
std::map<std::string, std::vector<std::int64_t>> sorted(
    const std::multimap<std::string, std::string>& all) {
  std::map<std::string, std::vector<std::int64_t>> by_key;
  for (const auto& [key, value] : all) by_key[key].push_back(std::stoll(value));
  for (auto& [key, values] : by_key) std::sort(values.begin(), values.end());
  return by_key;
}

TEST(KafkaConnector, CountsATopicIntoATopic) {
  World world{seeded(1)};
  fill(world, "in", 3, 200);
  world.log().create_topic("out", 2);
  world.run(count_by_key);
  EXPECT_EQ(sorted(committed(world, "out")), sorted(counts_up_to(200)));
}

TEST(KafkaConnector, WritesEachCountOnceThoughTheProcessDiesNowAndThen) {
  testing::WorldOptions options = seeded(2);
  {
    World calm{options};
    fill(calm, "in", 3, 200);
    calm.log().create_topic("out", 2);
    calm.run(count_by_key);
    const std::uint64_t effects = calm.effect_count();
    ASSERT_GT(effects, 20U);
    for (std::uint64_t at = 5; at < effects; at += effects / 7) options.crashes.push_back(at);
  }
  World world{options};
  fill(world, "in", 3, 200);
  world.log().create_topic("out", 2);
  world.run(count_by_key);
  EXPECT_GT(world.crash_count(), 3U);
  EXPECT_EQ(sorted(committed(world, "out")), sorted(counts_up_to(200)));
}

TEST(KafkaConnector, WritesTheLatestValueOfEachKeyAtCheckpoints) {
  World world{seeded(3)};
  fill(world, "in", 1, 500);
  world.log().create_topic("out", 1);
  world.run([](Topology& topology, World& each) {
    const Cluster kafka = cluster(each);
    topology.source("in", kafka.topic("in", text()).until(Until::end()))
        .key_by([](const std::string& line) { return line.substr(0, line.find(' ')); })
        .count()
        .changes()
        .to("out", kafka.table("out", text(), numbers()).emit(Emit::latest_per_checkpoint));
  });
  const auto found = sorted(committed(world, "out"));
  const auto expected = sorted(counts_up_to(500));
  std::size_t written = 0;
  for (const auto& [key, counts] : expected) {
    ASSERT_EQ(found.count(key), 1U) << key;
    EXPECT_EQ(found.at(key).back(), counts.back()) << key;
    written += found.at(key).size();
  }
  EXPECT_LT(written, 500U / 2);
}

TEST(KafkaConnector, PassesKeysHeadersAndTimesOn) {
  World world{seeded(4)};
  world.log().create_topic("in", 1);
  testing::LogRecord record;
  record.key = "k";
  record.value = "v";
  record.time = EventTime{5};
  world.log().append({"in", 0}, record);
  world.log().create_topic("out", 4);
  world.clock().set_calendar(EventTime{1'000'000});
  world.run([](Topology& topology, World& each) {
    const Cluster kafka = cluster(each);
    topology.source("in", kafka.topic("in", text()).until(Until::end()).received())
        .map([](const Received<std::string>& got) { return *got.key + "/" + *got.value; })
        .to("out", kafka.topic("out", text())
                       .keyed_by([](const std::string& value) { return value; })
                       .headers([](const std::string& value) {
                         return std::vector<Header>{{"size", std::to_string(value.size())}};
                       }));
  });
  const auto partition = static_cast<std::uint32_t>(java_partition("k/v", 4));
  const auto fetched =
      world.log().fetch({"out", partition}, 0, 10, testing::Isolation::read_committed);
  ASSERT_EQ(fetched.records.size(), 1U);
  const testing::LogRecord& written = fetched.records.front().second;
  EXPECT_EQ(written.key, "k/v");
  EXPECT_EQ(written.value, "k/v");
  EXPECT_EQ(written.time, EventTime{5});
  EXPECT_EQ(written.headers, (std::vector<Header>{{"size", "3"}}));
}

TEST(KafkaConnector, RefusesATransactionTimeoutThatTheIntervalComesNear) {
  Topology topology{"job"};
  const Cluster kafka{{.brokers = "localhost:1", .transaction_timeout = 10s}};
  topology.source("in", kafka.topic("in", text())).to("out", kafka.topic("out", text()));
  JobOptions options;
  options.guarantee = Guarantee::exactly_once;
  options.checkpoints.directory = "/nowhere";
  options.checkpoints.interval = 6s;
  try {
    Job{std::move(topology), options};
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string{error.what()}.find("transaction_timeout is 10000ms"), std::string::npos)
        << error.what();
  }
}

TEST(KafkaConnector, RefusesATopicThatIsReadTwice) {
  Topology topology{"job"};
  const Cluster kafka{{.brokers = "localhost:1"}};
  topology.source("a", kafka.topic("in", text()));
  EXPECT_THROW(topology.source("b", kafka.topic("in", text())), ConfigError);
}

}  // namespace
}  // namespace weir::kafka
