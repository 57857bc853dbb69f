// SPDX-License-Identifier: Apache-2.0
#include "graph/through_topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "graph/close.hpp"
#include "graph/describe.hpp"
#include "graph/partitions.hpp"
#include "graph/plan.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A log with a topic of words, and a topology over it.
struct Words {
  explicit Words(const std::string& job = "words") : topology{job} {
    log.create_topic("words", 3);
    options.shards = 4;
    options.exchange.through = Exchange::topic;
  }
  Stream<std::string> source(testing::LogSourceOptions bounds = {}) {
    return topology.source(
        "words", testing::log_source<std::string>(
                     client, "words",
                     [](const testing::LogRecord& record) { return *record.value; }, bounds));
  }
  Graph rewrite() {
    Graph graph = topology.graph();
    derive_names(graph);
    return through_topics(graph, options, faults);
  }

  testing::Effects effects;
  testing::VirtualClock clock;
  testing::SimLog log{effects, clock};
  std::shared_ptr<testing::LogClient> client = std::make_shared<testing::LogClient>(log);
  Topology topology;
  JobOptions options;
  std::vector<std::string> faults;
};

const Node& node_of(const Graph& graph, const std::string& name) {
  for (const Node& node : graph.nodes) {
    if (node.name == name) return node;
  }
  throw Error{"no node " + name};
}

TEST(ThroughTopics, PutsATopicInThePlaceOfEachExchange) {
  Words words;
  words.source()
      .key_by(std::identity{})
      .count()
      .changes()
      .key_by([](const auto& change) { return *change.now; })
      .named("by-count")
      .count();

  const Graph graph = words.rewrite();

  EXPECT_THAT(words.faults, IsEmpty());
  EXPECT_EQ(
      describe_as_text(graph),
      "topology words\n"
      "  words                    source\n"
      "  words.key_by.to-topic    to topic (words.words.key_by.repartition)    <- words\n"
      "  words.key_by.from-topic  from topic (words.words.key_by.repartition)\n"
      "  words.key_by             key_by                                       "
      "<- words.key_by.from-topic\n"
      "  words.count              count                                        "
      "<- words.key_by\n"
      "  by-count.to-topic        to topic (words.by-count.repartition)        "
      "<- words.count\n"
      "  by-count.from-topic      from topic (words.by-count.repartition)\n"
      "  by-count                 key_by                                       "
      "<- by-count.from-topic\n"
      "  by-count.count           count                                        <- by-count\n");
}

TEST(ThroughTopics, StagesAreBoundToTheTopicsPartitionsAndKnowWhoWrites) {
  Words words;
  words.source()
      .key_by(std::identity{})
      .named("by-word")
      .count()
      .changes()
      .key_by([](const auto& change) { return *change.now; })
      .named("by-count")
      .count();
  const Graph graph = words.rewrite();
  Plan plan = make_plan(graph, 4);
  EXPECT_TRUE(may_share(plan, graph));

  bind_partitions(plan, graph);

  for (const PlanStage& stage : plan.stages) {
    if (stage.is_keyed()) {
      EXPECT_TRUE(stage.is_bound()) << stage.name;
      EXPECT_EQ(stage.shards, 4U) << stage.name;
    } else if (stage.name == "words") {
      EXPECT_EQ(stage.partitions, 3U);
    }
  }
  EXPECT_THAT(node_of(graph, "by-word.from-topic").route->upstream, ElementsAre("words"));
  EXPECT_THAT(node_of(graph, "by-count.from-topic").route->upstream, ElementsAre("by-word"));
  EXPECT_EQ(words.log.partition_count("words.by-count.repartition"), 4U);
}

TEST(ThroughTopics, KeyedByPartitionStaysWithoutATopic) {
  Words words;
  words.source().key_by(std::identity{}).keyed_by_partition().count();
  const Graph graph = words.rewrite();
  EXPECT_FALSE(has_topic_exchange(graph));
  EXPECT_TRUE(may_share(make_plan(graph, 4), graph));
}

TEST(ThroughTopics, NamesOfTopicsAreLegalAndDoNotMeet) {
  Words words{"my job"};
  const auto source = words.source();
  source.key_by(std::identity{}).named("by word").count();
  source.key_by(std::identity{}).named("by_word").count();
  const Graph graph = words.rewrite();
  const std::string first = node_of(graph, "by word.from-topic").route->topic;
  const std::string second = node_of(graph, "by_word.from-topic").route->topic;
  EXPECT_THAT(first, ::testing::MatchesRegex("my_job\\.by_word\\.repartition-[0-9a-f]+"));
  EXPECT_NE(first, second);
}

TEST(ThroughTopics, SourceOfATopicIsBoundedIfAllThatWriteToItAre) {
  Words bounded;
  bounded.source().key_by(std::identity{}).named("by-word").count();
  EXPECT_TRUE(node_of(bounded.rewrite(), "by-word.from-topic").source->is_bounded());
  Words unbounded;
  unbounded.source({.is_bounded = false}).key_by(std::identity{}).named("by-word").count();
  EXPECT_FALSE(node_of(unbounded.rewrite(), "by-word.from-topic").source->is_bounded());
}

TEST(ThroughTopics, NeedsASourceInACluster) {
  testing::Feed<std::string> feed;
  Topology topology{"words"};
  topology.source("words", feed.source()).key_by(std::identity{}).count();
  Graph graph = topology.graph();
  derive_names(graph);
  JobOptions options;
  options.exchange.through = Exchange::topic;
  std::vector<std::string> faults;
  (void)through_topics(graph, options, faults);
  EXPECT_THAT(faults, ElementsAre(HasSubstr("no source of the job is a topic")));
}

/// Nothing that could be written down.
struct Opaque {
  const std::string* text = nullptr;
};

TEST(ThroughTopics, RecordsWithoutACodecCompileAndCannotGoThroughATopic) {
  Words words;
  words.source()
      .map([](const std::string& word) { return Opaque{&word}; })
      .key_by([](const Opaque&) { return 0; })
      .named("by-nothing")
      .count();
  (void)words.rewrite();
  EXPECT_THAT(words.faults,
              ElementsAre(HasSubstr("'by-nothing' (key_by): its records cannot go through")));
  words.options.exchange.through = Exchange::memory;
  words.faults.clear();
  (void)words.rewrite();
  EXPECT_THAT(words.faults, IsEmpty());
}

TEST(ThroughTopics, CannotStartFromASavepoint) {
  Words words;
  words.source().key_by(std::identity{}).count();
  words.options.restore.savepoint = "before";
  (void)words.rewrite();
  EXPECT_THAT(words.faults, ElementsAre(HasSubstr("restore.savepoint is 'before'")));
}

}  // namespace
}  // namespace weir::inline v0::detail
