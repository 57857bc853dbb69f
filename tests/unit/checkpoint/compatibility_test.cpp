// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/compatibility.hpp"
#include "tests/unit/checkpoint/fixtures.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

const std::vector<std::string> kSinks{"files", "other"};

std::vector<std::string> differences(const TopologyRecord& now, CompatibilityOptions options = {}) {
  return find_differences(full_content(), {now, kSinks}, options);
}

TEST(Compatibility, SameTopologyFits) {
  EXPECT_THAT(differences(full_content().topology), IsEmpty());
}

TEST(Compatibility, AddedNodesAndStagesFit) {
  TopologyRecord now = full_content().topology;
  now.stages.push_back({"by-user", {Partitioning::Kind::range, 65'536, 4, ""}});
  now.nodes.push_back({NodeId{13}, "sums", "aggregate", {}});
  EXPECT_THAT(differences(now), IsEmpty());
}

TEST(Compatibility, AddedTablesFit) {
  TopologyRecord now = full_content().topology;
  now.nodes[1].tables.push_back({"more", "u8"});
  EXPECT_THAT(differences(now), IsEmpty());
}

TEST(Compatibility, RemovedNodeIsNamedWithWhatToDo) {
  TopologyRecord now = full_content().topology;
  now.nodes.pop_back();
  EXPECT_THAT(differences(now), ElementsAre(AllOf(HasSubstr("node 'counts' (aggregate) is gone"),
                                                  HasSubstr("restore.drop_removed_nodes"))));
  EXPECT_THAT(differences(now, {.drop_removed_nodes = true}), IsEmpty());
}

TEST(Compatibility, RenamedStageIsNamed) {
  TopologyRecord now = full_content().topology;
  now.stages[1].name = "by-line";
  EXPECT_THAT(differences(now), ElementsAre(HasSubstr("stage 'by-word' is gone")));
}

TEST(Compatibility, OtherKindOfNodeIsNamed) {
  TopologyRecord now = full_content().topology;
  now.nodes[1].kind = "window";
  EXPECT_THAT(differences(now),
              ElementsAre("node 'counts' was of kind aggregate and is of kind window"));
}

TEST(Compatibility, OtherTypeInATableIsNamedWithBoth) {
  TopologyRecord now = full_content().topology;
  now.nodes[1].tables[0].fingerprint = "string";
  EXPECT_THAT(differences(now),
              ElementsAre("table 'counts' of node 'counts' held u64 and holds string"));
}

TEST(Compatibility, RemovedTableIsNamed) {
  TopologyRecord now = full_content().topology;
  now.nodes[1].tables.pop_back();
  EXPECT_THAT(differences(now), ElementsAre("table 'timers' of node 'counts' is gone"));
}

TEST(Compatibility, TopicThatHasGrownUnderKeyedByPartitionIsRefused) {
  CheckpointContent before = full_content();
  before.topology.stages[1].partitioning = {Partitioning::Kind::external, 0, 8, "words"};
  TopologyRecord now = before.topology;
  now.stages[1].partitioning.shards = 12;
  for (const bool is_savepoint : {false, true}) {
    EXPECT_THAT(find_differences(before, {now, kSinks}, {.may_resplit = is_savepoint}),
                ElementsAre(AllOf(HasSubstr("was the 8 partitions of topic 'words' and is the 12"),
                                  HasSubstr("has grown under keyed_by_partition()"))));
  }
}

TEST(Compatibility, TablesThatAreNotKnownYetAreNotCompared) {
  TopologyRecord now = full_content().topology;
  now.nodes[1].tables.clear();
  EXPECT_THAT(differences(now), IsEmpty());
}

TEST(Compatibility, OtherNumberOfShardsFitsOnlyASavepoint) {
  TopologyRecord now = full_content().topology;
  now.stages[1].partitioning.shards = 5;
  EXPECT_THAT(differences(now), ElementsAre(HasSubstr("only a savepoint")));
  EXPECT_THAT(differences(now, {.may_resplit = true}), IsEmpty());
}

TEST(Compatibility, RangesDoNotBecomePartitionsOfAForeignProducer) {
  TopologyRecord now = full_content().topology;
  now.stages[1].partitioning = {Partitioning::Kind::external, 0, 2, "words"};
  EXPECT_THAT(differences(now, {.may_resplit = true}),
              ElementsAre(HasSubstr("is the 2 partitions of topic 'words'")));
}

TEST(Compatibility, SinkThatHasStagedOutputMayNotVanish) {
  const TopologyRecord now = full_content().topology;
  EXPECT_THAT(find_differences(full_content(), {now, {}}, {}),
              ElementsAre(HasSubstr("sink 'files' is gone")));
}

TEST(Compatibility, EveryDifferenceIsListed) {
  TopologyRecord now = full_content().topology;
  now.nodes.clear();
  now.stages.clear();
  EXPECT_THAT(
      [&] {
        check_compatibility("checkpoint t-7", full_content(), {now, {}}, {});
      },
      ThrowsMessage<IncompatibleState>(
          AllOf(HasSubstr("checkpoint t-7 does not fit the topology:\n"), HasSubstr("'lines'"),
                HasSubstr("'by-word'"), HasSubstr("'clicks'"), HasSubstr("'counts'"),
                HasSubstr("'files'"))));
}

TEST(Compatibility, DroppedStagesLeaveNothingBehind) {
  CheckpointContent content = full_content();
  drop_removed(content, {{content.topology.stages[0]}, {}});
  EXPECT_EQ(content.splits.size(), 2U);
  EXPECT_THAT(content.shards, IsEmpty());
}

}  // namespace
}  // namespace weir::inline v0::detail
