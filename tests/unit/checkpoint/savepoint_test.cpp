// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checkpoint/savepoint.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StageRecord stage_of(std::uint32_t shards) {
  return {"counts", {Partitioning::Kind::range, kKeyGroups, shards, ""}};
}

/// A savepoint of one stage; shard i has its state in a section at offset i.
CheckpointContent savepoint_of(std::uint32_t shards) {
  CheckpointContent content;
  content.topology.stages = {stage_of(shards)};
  for (std::uint32_t number = 0; number < shards; ++number) {
    ShardRecord shard{"counts", ShardId{number}, EventTime{number}, {}, {}, {}};
    shard.blobs[NodeId{1}] = std::to_string(number);
    shard.base = BaseRef{{"t", CheckpointId{1}}, 1, {}, {{"file", number, 1, 1}}};
    content.shards.push_back(shard);
  }
  return content;
}

std::vector<std::uint64_t> offsets(const ShardRecord& shard) {
  std::vector<std::uint64_t> found;
  for (const SectionRef& section : shard.base->sections) found.push_back(section.offset);
  return found;
}

TEST(Savepoint, SameNumberOfShardsTakesEachItsOwn) {
  const CheckpointContent savepoint = savepoint_of(3);
  EXPECT_EQ(split_shards(savepoint, {stage_of(3)}), savepoint.shards);
}

TEST(Savepoint, MoreShardsShareASection) {
  const auto shards = split_shards(savepoint_of(2), {stage_of(4)});
  ASSERT_EQ(shards.size(), 4U);
  EXPECT_THAT(offsets(shards[0]), ElementsAre(0));
  EXPECT_THAT(offsets(shards[1]), ElementsAre(0));
  EXPECT_THAT(offsets(shards[3]), ElementsAre(1));
}

TEST(Savepoint, FewerShardsTakeSeveralSections) {
  const auto shards = split_shards(savepoint_of(3), {stage_of(2)});
  ASSERT_EQ(shards.size(), 2U);
  EXPECT_THAT(offsets(shards[0]), ElementsAre(0, 1));
  EXPECT_THAT(offsets(shards[1]), ElementsAre(1, 2));
}

TEST(Savepoint, NewShardIsNotYoungerThanAnyItComesFrom) {
  const auto shards = split_shards(savepoint_of(3), {stage_of(1)});
  EXPECT_EQ(shards[0].watermark, EventTime{2});
  EXPECT_EQ(shards[0].blobs.at(NodeId{1}), "0");
}

TEST(Savepoint, PartitionsOfAForeignProducerMayHoldAnyKey) {
  CheckpointContent savepoint = savepoint_of(2);
  savepoint.topology.stages[0].partitioning = {Partitioning::Kind::external, 0, 2, "clicks"};
  const auto shards = split_shards(savepoint, {stage_of(3)});
  ASSERT_EQ(shards.size(), 3U);
  for (const ShardRecord& shard : shards) EXPECT_THAT(offsets(shard), ElementsAre(0, 1));
}

TEST(Savepoint, StageThatItDoesNotKnowStartsEmpty) {
  EXPECT_THAT(split_shards(savepoint_of(2), {{"new", stage_of(2).partitioning}}), IsEmpty());
}

TEST(Savepoint, ShardWithoutStateKeepsItsWatermark) {
  CheckpointContent savepoint = savepoint_of(1);
  savepoint.shards[0].base.reset();
  const auto shards = split_shards(savepoint, {stage_of(1)});
  EXPECT_FALSE(shards[0].base.has_value());
}

}  // namespace
}  // namespace weir::inline v0::detail
