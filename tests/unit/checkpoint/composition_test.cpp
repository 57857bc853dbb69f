// SPDX-License-Identifier: Apache-2.0
// Goal: each row of the table that says what a committed position means, and that processes which
// share a job take partitions over from each other without losing or repeating a number.
// Method: processes whose partitions, crashes and commits are made by hand; one group that
// remembers what was committed.
#include "checkpoint/composition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/checkpoint/shared_job.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::ThrowsMessage;

/// A storage and a group, with the processes that come and go.
struct Shared {
  std::unique_ptr<SharedJob> start(SharedJob::Options options) {
    auto job = std::make_unique<SharedJob>(machine, group, std::move(options));
    job->start();
    return job;
  }
  std::string why_not(SharedJob::Options options) {
    SharedJob job{machine, group, std::move(options)};
    try {
      job.start();
    } catch (const Error& error) {
      return error.what();
    }
    return "it started";
  }

  Machine machine;
  Group group;
};

TEST(Composition, PartitionsAndTheirStateGoOverToAnotherProcess) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
    first->make_base(0);
    first->read_all(1);
    first->checkpoint();
    first->read_all(1);
    first->checkpoint();
  }
  const auto second = shared.start({.instance = "b", .partitions = {0}});
  EXPECT_EQ(second->state[0], numbers_to(5));
  second->read(0, 2);
  second->checkpoint();
  EXPECT_EQ(published(shared.machine), "1 1 2 2 3 3 4 4 5 5 6 7 ");
}

TEST(Composition, StateThatWasTakenOverIsNoLongerNeededWhereItCameFrom) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {0, 1}});
    second->read_all(1);
    second->checkpoint();
  }
  for (const std::string& file : shared.machine.storage->list("shared/a/")) {
    shared.machine.storage->remove(file);
  }
  const auto second = shared.start({.instance = "b", .partitions = {0, 1}, .life = "2"});
  EXPECT_EQ(second->state[0], numbers_to(4));
  EXPECT_EQ(second->state[1], numbers_to(4));
}

TEST(Composition, PartsOfSeveralCheckpointsMakeOne) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1, 2}});
    first->read_all(2);
    first->checkpoint();
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {1}});
    second->read(1, 3);
    second->checkpoint();
  }
  {
    const auto first = shared.start({.instance = "a", .partitions = {0}, .life = "2"});
    first->read(0, 5);
    first->checkpoint();
  }
  const auto first = shared.start({.instance = "a", .partitions = {0, 1, 2}, .life = "3"});
  EXPECT_EQ(first->state[0], numbers_to(7));
  EXPECT_EQ(first->state[1], numbers_to(5));
  EXPECT_EQ(first->state[2], numbers_to(2));
  first->read_all(1);
  first->checkpoint();
  first->cycle.reset();
  const auto again = shared.start({.instance = "a", .partitions = {0, 1, 2}, .life = "4"});
  EXPECT_EQ(again->state[0], numbers_to(8));
  EXPECT_EQ(again->state[1], numbers_to(6));
  EXPECT_EQ(again->state[2], numbers_to(3));
}

TEST(Composition, CrashBeforeTheNextCommitTakesEverythingOverAgain) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0}});
    first->read(0, 3);
    first->checkpoint();
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {0}});
    second->read(0, 1);
    second->store();
  }
  const auto second = shared.start({.instance = "b", .partitions = {0}, .life = "2"});
  EXPECT_EQ(second->state[0], numbers_to(3));
  second->read(0, 1);
  second->checkpoint();
  EXPECT_EQ(published(shared.machine), numbers_to(4));
}

TEST(Composition, FirstStartBeginsAtTheBeginning) {
  Shared shared;
  const auto job = shared.start({.partitions = {0}});
  EXPECT_FALSE(job->recovery.restored);
  EXPECT_THAT(job->recovery.starts, IsEmpty());
}

TEST(Composition, FirstStartBeginsAtPositionsThatSomebodyElseHasCommitted) {
  Shared shared;
  shared.group.committed[split_of(0)] = {Position{"17"}, std::nullopt};
  const auto job = shared.start({.partitions = {0, 1}});
  EXPECT_FALSE(job->recovery.restored);
  EXPECT_THAT(job->recovery.starts, ElementsAre(Pair(split_of(0), Position{"17"})));
}

TEST(Composition, FirstStartBesideOneThatHasCommittedIsNone) {
  Shared shared;
  const auto first = shared.start({.instance = "a", .partitions = {0}});
  for (int done = 0; done < 3; ++done) {
    first->read(0, 1);
    first->checkpoint();
  }
  const auto second = shared.start({.instance = "b", .partitions = {1}});
  EXPECT_THAT(second->state, IsEmpty());
}

TEST(Composition, NewPartitionBeginsAtItsBeginning) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0}});
    job->read(0, 3);
    job->checkpoint();
  }
  shared.group.committed[split_of(2)] = {Position{"9"}, std::nullopt};
  const auto job = shared.start({.partitions = {0, 1, 2}, .life = "2"});
  EXPECT_EQ(job->state[0], numbers_to(3));
  EXPECT_THAT(job->recovery.starts, ElementsAre(Pair(split_of(2), Position{"9"})));
}

TEST(Composition, MissingFileIsAnErrorWithTheWaysOut) {
  Shared shared;
  std::string file;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
    file = first->file();
  }
  shared.machine.storage->remove(file);
  EXPECT_THAT(shared.why_not({.instance = "b", .partitions = {0}}),
              AllOf(HasSubstr(file), HasSubstr("missing"), HasSubstr("bring the file back"),
                    HasSubstr("restore.checkpoint"), HasSubstr("restore.adopt_offsets")));
}

TEST(Composition, MissingFileWithAdoptedOffsetsDropsTheState) {
  Shared shared;
  std::string file;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
    file = first->file();
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {1}});
    second->read(1, 1);
    second->checkpoint();
  }
  shared.machine.storage->remove(file);
  const SharedJob::Options options{
      .instance = "b", .partitions = {0, 1}, .life = "2", .adopt_offsets = true};
  {
    const auto second = shared.start(options);
    EXPECT_EQ(second->state[0], "");
    EXPECT_EQ(second->state[1], numbers_to(4));
    second->read(0, 1);
    EXPECT_EQ(second->state[0], "4 ");
    second->checkpoint();
  }
  SharedJob::Options later = options;
  later.life = "3";
  EXPECT_EQ(shared.start(later)->state[0], "4 ") << "state was dropped twice";
}

TEST(Composition, PartitionThatItsCheckpointDoesNotHoldIsAnError) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0}});
    job->read(0, 3);
    job->checkpoint();
  }
  shared.group.committed[split_of(1)] = shared.group.committed[split_of(0)];
  EXPECT_THAT(shared.why_not({.partitions = {0, 1}, .life = "2"}),
              AllOf(HasSubstr("does not hold split 't/1'"), HasSubstr("restore.adopt_offsets")));
}

TEST(Composition, PositionThatIsNotThatOfItsCheckpointIsAnError) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0}});
    job->read(0, 3);
    job->checkpoint();
  }
  shared.group.committed[split_of(0)].position = Position{"2"};
  EXPECT_THAT(shared.why_not({.partitions = {0}, .life = "2"}), HasSubstr("are not of one cut"));
}

TEST(Composition, PositionsThatExpiredOrWereResetAreAnError) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0, 1}});
    job->read_all(3);
    job->checkpoint();
    job->read_all(3);
    job->checkpoint();
  }
  const Group before = shared.group;
  shared.group.committed[split_of(0)] = {Position{"1"}, std::nullopt};
  EXPECT_THAT(shared.why_not({.partitions = {0, 1}, .life = "2"}),
              AllOf(HasSubstr("split 't/0' names no checkpoint"), HasSubstr("was reset"),
                    HasSubstr("restore.adopt_offsets")));
  shared.group.committed.clear();
  EXPECT_THAT(shared.why_not({.partitions = {0, 1}, .life = "3"}),
              HasSubstr("have expired or were reset"));
  EXPECT_THAT(shared.why_not({.instance = "new", .partitions = {0, 1}}),
              HasSubstr("have expired or were reset"));
  shared.group = before;
  EXPECT_EQ(shared.start({.partitions = {0, 1}, .life = "4"})->state[0], numbers_to(6));
}

TEST(Composition, ResetPositionsAreAdoptedWhenAskedFor) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0, 1}});
    job->read_all(3);
    job->checkpoint();
  }
  shared.group.committed[split_of(0)] = {Position{"2"}, std::nullopt};
  const auto job = shared.start({.partitions = {0, 1}, .life = "2", .adopt_offsets = true});
  EXPECT_EQ(job->state[0], "");
  EXPECT_EQ(job->state[1], numbers_to(3));
  job->read(0, 1);
  EXPECT_EQ(job->state[0], "2 ");
}

TEST(Composition, ExpiredPositionsCanBeRestoredFromACheckpointThatIsKept) {
  Shared shared;
  std::string last;
  {
    const auto job = shared.start({.partitions = {0, 1}});
    job->read_all(3);
    job->checkpoint();
    job->read_all(3);
    job->checkpoint();
    last = job->last_checkpoint();
  }
  shared.group.committed.clear();
  const auto job = shared.start({.partitions = {0, 1}, .life = "2", .restore_checkpoint = last});
  EXPECT_EQ(job->state[0], numbers_to(6));
  EXPECT_EQ(shared.group.committed.at(split_of(0)).position, Position{"7"});
}

TEST(Composition, TopicThatHasGrownIsRefused) {
  Shared shared;
  {
    const auto job = shared.start({.partitions = {0}});
    job->read(0, 3);
    job->checkpoint();
  }
  EXPECT_THAT(shared.why_not({.partitions = {0}, .life = "2", .partition_count = 5}),
              HasSubstr("does not fit the topology"));
}

TEST(Composition, PartitionsOfOneShardBelongToOneCheckpoint) {
  Shared shared;
  {
    const auto job = shared.start({.instance = "a", .partitions = {0, 1}, .has_second = true});
    job->read_all(3);
    job->checkpoint();
  }
  {
    const auto job = shared.start({.instance = "b", .partitions = {0}, .has_second = true});
    EXPECT_EQ(job->state[0], numbers_to(3));
    const CommittedSplit before = shared.group.committed.at({"m/0"});
    job->checkpoint();
    shared.group.committed[{"m/0"}] = before;
  }
  EXPECT_THAT(shared.why_not({.instance = "b", .partitions = {0}, .life = "2", .has_second = true}),
              AllOf(HasSubstr("shard count/0 is fed by split 'm/0'"), HasSubstr("split 't/0'")));
}

TEST(Composition, StateThatIsExchangedInMemoryHasOneCheckpoint) {
  Shared shared;
  {
    const auto job = shared.start({.instance = "a", .partitions = {0, 1}, .may_share = false});
    job->read_all(3);
    job->checkpoint();
  }
  {
    const auto job = shared.start({.instance = "b", .partitions = {0, 1}, .may_share = false});
    EXPECT_EQ(job->state[1], numbers_to(3)) << "an instance may be renamed";
    job->read_all(1);
    const CommittedSplit before = shared.group.committed.at(split_of(0));
    job->checkpoint();
    shared.group.committed[split_of(0)] = before;
  }
  EXPECT_THAT(
      shared.why_not({.instance = "b", .partitions = {0, 1}, .life = "2", .may_share = false}),
      AllOf(HasSubstr("split 't/1'"), HasSubstr("several processes")));
}

TEST(Composition, OutputOfAProcessWhosePartitionsAreGoneIsPublishedWhenItComesBack) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0}});
    first->read(0, 3);
    first->sink->fails = true;
    first->store();
    first->cycle->commit();  // And dies before it could publish.
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {0}});
    second->read(0, 1);
    second->checkpoint();
  }
  shared.start({.instance = "a", .partitions = {1}, .life = "2"});
  EXPECT_EQ(published(shared.machine), numbers_to(4));
}

TEST(Composition, ProcessWithoutPartitionsStandsBy) {
  Shared shared;
  EXPECT_THAT(shared.why_not({.partitions = {}}), HasSubstr("other processes read all of it"));
}

TEST(Composition, NotesGoWhenNobodyNeedsThemAnyMore) {
  Shared shared;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
  }
  {
    const auto second = shared.start({.instance = "b", .partitions = {0}});
    second->checkpoint();
  }
  EXPECT_THAT(shared.machine.storage->list("shared/b/"), Contains(HasSubstr("adopted/a/")));
  {
    const auto first = shared.start({.instance = "a", .partitions = {1}, .life = "2"});
    first->checkpoint();
    first->make_base(1);
    for (int done = 0; done < 4; ++done) first->checkpoint();
  }
  shared.start({.instance = "b", .partitions = {0}, .life = "2"});
  EXPECT_THAT(shared.machine.storage->list("shared/b/"), Not(Contains(HasSubstr("adopted/a/"))));
}

TEST(SharedRetention, CheckpointsThatOtherPartitionsNameStay) {
  Shared shared;
  std::string handed_over;
  {
    const auto first = shared.start({.instance = "a", .partitions = {0, 1}});
    first->read_all(3);
    first->checkpoint();
    handed_over = first->file();
  }
  {
    const auto first = shared.start({.instance = "a", .partitions = {0}, .life = "2"});
    for (int done = 0; done < 5; ++done) {
      first->read(0, 1);
      first->checkpoint();
    }
    EXPECT_THAT(shared.machine.storage->list("shared/a/"), Contains(handed_over));
    const auto second = shared.start({.instance = "b", .partitions = {1}});
    EXPECT_EQ(second->state[1], numbers_to(3));
    second->checkpoint();
    first->make_base(0);
    for (int done = 0; done < 3; ++done) first->checkpoint();
    EXPECT_THAT(shared.machine.storage->list("shared/a/"), Not(Contains(handed_over)));
  }
}

TEST(SharedRetention, NothingIsDeletedWhileTheGroupIsAway) {
  Shared shared;
  const auto job = shared.start({.partitions = {0}});
  job->read(0, 1);
  job->checkpoint();
  const std::string first = job->file();
  shared.group.is_away = true;
  for (int done = 0; done < 5; ++done) {
    job->make_base(0);
    job->checkpoint();
  }
  EXPECT_THAT(shared.machine.storage->list("shared/0/"), Contains(first));
  shared.group.is_away = false;
  job->checkpoint();
  EXPECT_THAT(shared.machine.storage->list("shared/0/"), Not(Contains(first)));
}

}  // namespace
}  // namespace weir::inline v0::detail
