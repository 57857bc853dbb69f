// SPDX-License-Identifier: Apache-2.0
#include "runtime/channel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/edge_output.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;

/// Records that keep `bytes` of memory alive.
Slice slice(std::size_t bytes = 0) {
  auto batch = Ref<OwnedBatch<int>>::adopt(std::make_unique<OwnedBatch<int>>().release());
  batch->bytes = bytes;
  return {Ref<BatchBase>{std::move(batch)}, 0, 1};
}

/// A channel with the threads at its ends.
struct Way {
  explicit Way(ChannelLimits limits = {.elements = 2}) : channel{limits, producer, consumer} {}

  /// What the consumer finds, taken out.
  std::vector<std::string> take_all() {
    std::vector<std::string> taken;
    for (Element* element = channel.front(); element != nullptr; element = channel.front()) {
      taken.push_back(name_of(*element));
      channel.pop();
      channel.flush();
    }
    return taken;
  }
  static std::string name_of(const Element& element) {
    switch (element.kind) {
      case Element::Kind::slice:
        if (element.watermark == EventTime::min()) return "records";
        return "records after " + std::to_string(element.watermark.ms());
      case Element::Kind::watermark:
        return "watermark " + std::to_string(element.watermark.ms());
      case Element::Kind::barrier:
        return "barrier " + std::to_string(element.checkpoint.value);
      case Element::Kind::idle:
        return "idle";
      case Element::Kind::active:
        return "active";
      case Element::Kind::end:
        return "end";
    }
    return "?";
  }

  Waker producer;
  Waker consumer;
  Channel channel;
};

Element barrier(std::uint64_t number) {
  return Element::control(Element::Kind::barrier, CheckpointId{number});
}

TEST(Channel, HoldsNoMoreElementsThanItMay) {
  Way way{{.elements = 2}};
  EXPECT_TRUE(way.channel.has_room());
  way.channel.push(slice());
  way.channel.push(slice());
  EXPECT_FALSE(way.channel.has_room());
  way.channel.pop();
  EXPECT_TRUE(way.channel.has_room());
}

TEST(Channel, HoldsNoMoreBytesThanItMayButAlwaysOneElement) {
  Way way{{.elements = 16, .bytes = 100}};
  way.channel.push(slice(1'000));
  EXPECT_FALSE(way.channel.has_room());
  way.channel.pop();
  EXPECT_TRUE(way.channel.has_room());
}

TEST(Channel, ControlThatFindsNoRoomPrecedesLaterRecords) {
  Way way{{.elements = 1}};
  way.channel.push(slice());
  way.channel.send(barrier(1));
  EXPECT_FALSE(way.channel.has_room());
  way.channel.pop();
  EXPECT_FALSE(way.channel.has_room());  // The barrier has the only place.
  EXPECT_THAT(way.take_all(), ElementsAre("barrier 1"));
  EXPECT_TRUE(way.channel.has_room());
}

TEST(Channel, WaitingWatermarksMergeButNotAcrossABarrier) {
  Way way{{.elements = 1}};
  way.channel.push(slice());
  way.channel.send(Element::time(EventTime{1}));
  way.channel.send(Element::time(EventTime{2}));
  way.channel.send(barrier(1));
  way.channel.send(Element::time(EventTime{3}));
  way.channel.send(Element::time(EventTime{4}));
  EXPECT_THAT(way.take_all(), ElementsAre("records", "watermark 2", "barrier 1", "watermark 4"));
}

TEST(Channel, RoomWakesTheProducerThatFoundNone) {
  Way way{{.elements = 1}};
  way.channel.push(slice());
  EXPECT_FALSE(way.channel.has_room());
  way.producer.prepare();
  way.channel.pop();
  EXPECT_TRUE(way.producer.park(std::chrono::nanoseconds{0}));
}

/// One edge to two shards, for two tasks of a worker.
struct Edge {
  explicit Edge(ChannelLimits each = {.elements = 1})
      : first{each}, second{each}, output{{&first.channel, &second.channel}, own, 2} {}

  Way first;
  Way second;
  Waker own;
  EdgeOutput output;
};

TEST(EdgeOutput, FullRingToOneShardDoesNotDelayTheBarrierToAnother) {
  Edge edge;
  edge.output.task(0).push(ShardId{0}, slice());
  EXPECT_FALSE(edge.output.ready());
  edge.output.barrier(CheckpointId{1});
  EXPECT_THAT(edge.second.take_all(), ElementsAre("barrier 1"));
  EXPECT_THAT(edge.first.take_all(), ElementsAre("records", "barrier 1"));
  EXPECT_TRUE(edge.output.ready());
}

TEST(EdgeOutput, ForwardsOneWatermarkForAllTasksOfTheWorker) {
  Edge edge;
  edge.output.task(0).watermark(EventTime{5});
  EXPECT_TRUE(edge.first.take_all().empty());
  edge.output.task(1).watermark(EventTime{3});
  edge.output.flush();
  EXPECT_THAT(edge.first.take_all(), ElementsAre("watermark 3"));
  edge.output.task(1).idle(true);
  edge.output.flush();
  EXPECT_THAT(edge.first.take_all(), ElementsAre("watermark 5"));
}

TEST(EdgeOutput, OfWatermarksWithNothingBetweenThemAShardSeesTheLast) {
  Edge edge{{.elements = 8}};
  for (std::int64_t ms = 1; ms <= 4; ++ms) {
    edge.output.task(0).watermark(EventTime{ms});
    edge.output.task(1).watermark(EventTime{ms});
    if (ms % 2 == 0) edge.output.task(0).push(ShardId{0}, slice());
  }
  edge.output.task(0).push(ShardId{0}, slice());
  edge.output.flush();
  EXPECT_THAT(edge.first.take_all(), ElementsAre("records after 2", "records after 4", "records"));
  EXPECT_THAT(edge.second.take_all(), ElementsAre("watermark 4"));
}

TEST(EdgeOutput, WatermarkPrecedesTheBarrierAndTheEndThatFollowIt) {
  Edge edge{{.elements = 8}};
  edge.output.task(0).watermark(EventTime{1});
  edge.output.task(1).watermark(EventTime{1});
  edge.output.barrier(CheckpointId{1});
  edge.output.task(0).watermark(EventTime::max());
  edge.output.task(1).watermark(EventTime::max());
  edge.output.task(0).end();
  edge.output.task(1).end();
  EXPECT_THAT(edge.second.take_all(),
              ElementsAre("watermark 1", "barrier 1",
                          "watermark " + std::to_string(EventTime::max().ms()), "end"));
}

TEST(EdgeOutput, EndsWhenItsLastTaskHasEnded) {
  Edge edge;
  edge.output.task(0).end();
  EXPECT_TRUE(edge.first.take_all().empty());
  edge.output.task(1).end();
  EXPECT_THAT(edge.first.take_all(), ElementsAre("end"));
}

}  // namespace
}  // namespace weir::inline v0::detail
