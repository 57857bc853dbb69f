// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/checkpoint/small_job.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

/// A job that has committed its first `checkpoints`, of three numbers each.
std::unique_ptr<SmallJob> run_job(Machine& machine, int checkpoints,
                                  const SmallJob::Options& options = {}) {
  auto job = std::make_unique<SmallJob>(machine, options);
  job->start();
  for (int done = 0; done < checkpoints; ++done) {
    job->read(3);
    job->checkpoint();
  }
  return job;
}

TEST(CommitCycle, FirstStartHasNothingToRestore) {
  Machine machine;
  const auto job = run_job(machine, 0);
  EXPECT_FALSE(job->recovery.restored.has_value());
  EXPECT_THAT(job->recovery.timeline, SizeIs(16));
}

TEST(CommitCycle, NextLifeGoesOnFromTheLastCommittedCheckpoint) {
  Machine machine;
  const std::string timeline = run_job(machine, 3)->cycle->timeline();
  const auto job = run_job(machine, 0, {.life = "2"});
  EXPECT_EQ(job->recovery.restored, (CheckpointName{timeline, CheckpointId{3}}));
  EXPECT_EQ(job->state, numbers_to(9));
  EXPECT_NE(job->recovery.timeline, timeline);
}

TEST(CommitCycle, RollBackInPlaceForgetsWhatWasUnderWay) {
  Machine machine;
  const auto job = run_job(machine, 2);
  const std::string before = job->cycle->timeline();
  job->read(3);
  job->sink->fails = true;
  job->cycle->store(job->draft());  // Stored: without an authority that is the commit.
  job->sink->fails = false;
  job->start();
  EXPECT_EQ(job->state, numbers_to(9));
  EXPECT_NE(job->cycle->timeline(), before);
}

TEST(CommitCycle, StoredAndNotCommittedIsNothingToAnAuthority) {
  Machine machine;
  const auto authority = std::make_shared<FakeAuthority>(machine.effects);
  {
    const auto job = run_job(machine, 2, {.authority = authority});
    job->read(3);
    job->cycle->store(job->draft());
  }
  const auto job = run_job(machine, 0, {.life = "2", .authority = authority});
  EXPECT_EQ(job->state, numbers_to(6));
  EXPECT_EQ(published(machine), numbers_to(6));
  EXPECT_THAT(machine.storage->list("small/0/"), SizeIs(2));
}

TEST(CommitCycle, PublishesAndAcknowledgesOnlyWhatIsCommitted) {
  Machine machine;
  const auto job = run_job(machine, 0);
  job->read(3);
  job->cycle->store(job->draft());
  EXPECT_EQ(published(machine), "");
  EXPECT_EQ(job->acknowledged, "");
  job->commit();
  job->cycle->publish();
  job->cycle->acknowledge();
  EXPECT_EQ(published(machine), numbers_to(3));
  EXPECT_EQ(job->acknowledged, "4");
}

TEST(CommitCycle, UnconfirmedPublicationIsReportedAndTriedAgainBeforeTheNextFile) {
  Machine machine;
  const auto job = run_job(machine, 0);
  job->sink->fails = true;
  job->read(3);
  job->cycle->store(job->draft());
  job->commit();
  const auto unconfirmed = job->cycle->publish();
  ASSERT_THAT(unconfirmed, SizeIs(1));
  EXPECT_EQ(unconfirmed[0].participant, "files");
  EXPECT_THAT(unconfirmed[0].reason, HasSubstr("is away"));
  job->sink->fails = false;
  job->cycle->begin();
  job->cycle->store(job->draft());
  EXPECT_EQ(published(machine), numbers_to(3));
}

TEST(CommitCycle, PublicationThatStaysUnconfirmedIsCarriedForwardAndRedone) {
  Machine machine;
  {
    const auto job = run_job(machine, 1);
    job->sink->fails = true;
    job->read(3);
    job->checkpoint();
    job->read(3);
    job->checkpoint();
    EXPECT_EQ(job->cycle->committed()->participants[0].unpublished_since, CheckpointId{2});
    EXPECT_EQ(job->cycle->unpublished().at("files"), CheckpointId{2});
    EXPECT_EQ(published(machine), numbers_to(3));
  }
  run_job(machine, 0, {.life = "2"});
  EXPECT_EQ(published(machine), numbers_to(9));
}

TEST(CommitCycle, BaseTakesThePlaceOfOlderDeltas) {
  Machine machine;
  {
    const auto job = run_job(machine, 3);
    job->make_base();
    job->read(3);
    job->checkpoint();
    const ShardRecord& shard = job->cycle->committed()->shards[0];
    EXPECT_TRUE(shard.base.has_value());
    EXPECT_THAT(shard.deltas, SizeIs(1));
    EXPECT_EQ(shard.base_bytes(), numbers_to(9).size());
  }
  EXPECT_EQ(run_job(machine, 0, {.life = "2"})->state, numbers_to(12));
}

TEST(CommitCycle, BaseThatIsFinishedLaterKeepsTheDeltasSinceItsCut) {
  Machine machine;
  const auto job = run_job(machine, 2);
  job->make_base();
  job->read(3);
  CheckpointDraft late = job->draft();
  const std::optional<BaseRef> base = late.shards[0].new_base;
  late.shards[0].new_base.reset();
  job->cycle->store(std::move(late));
  job->commit();
  job->cycle->begin();
  job->read(3);
  CheckpointDraft next = job->draft();
  next.shards[0].new_base = base;
  job->cycle->store(std::move(next));
  job->commit();
  EXPECT_EQ(load_state(*machine.storage, job->cycle->committed()->shards[0]), numbers_to(12));
}

TEST(CommitCycle, FilesThatNobodyNeedsAreDeleted) {
  Machine machine;
  const auto job = run_job(machine, 5);
  EXPECT_THAT(machine.storage->list("small/0/"), SizeIs(5));  // Deltas are needed.
  job->make_base();
  for (int more = 0; more < 3; ++more) {
    job->read(3);
    job->checkpoint();
  }
  const std::string timeline = job->cycle->timeline();
  EXPECT_THAT(
      machine.storage->list("small/0/"),
      ElementsAre("small/0/" + timeline + "-5.base/all-0/all", "small/0/" + timeline + "-6.ckpt",
                  "small/0/" + timeline + "-7.ckpt", "small/0/" + timeline + "-8.ckpt"));
}

TEST(CommitCycle, ShardWithManyDeltasIsDueForABase) {
  Machine machine;
  const auto job = run_job(machine, 64);
  EXPECT_THAT(job->cycle->shards_due_for_base(), IsEmpty());
  job->read(3);
  job->checkpoint();
  EXPECT_THAT(job->cycle->shards_due_for_base(), SizeIs(1));
}

TEST(CommitCycle, SecondProcessIsToldWhoHoldsTheFolder) {
  Machine machine;
  const auto job = run_job(machine, 1);
  SmallJob second{machine, {.life = "2"}};
  EXPECT_THAT([&] { second.start(); },
              ThrowsMessage<LockedError>(HasSubstr("checkpoints of small/0")));
}

TEST(CommitCycle, CallsOutOfOrderAreBugs) {
  Machine machine;
  SmallJob job{machine};
  EXPECT_THROW(job.cycle->begin(), InternalError);
  job.start();
  EXPECT_THROW(job.cycle->begin(), InternalError);
  EXPECT_THROW(job.cycle->commit(), InternalError);
  job.cycle->store(job.draft());
  EXPECT_THROW(job.cycle->publish(), InternalError);
}

TEST(CommitCycle, FailedStoreNeedsARecovery) {
  Machine machine;
  const auto job = run_job(machine, 1);
  machine.disk->set_sync_fails(true);
  EXPECT_THROW(job->cycle->store(job->draft()), IoError);
  machine.disk->set_sync_fails(false);
  EXPECT_THROW(job->cycle->store(job->draft()), InternalError);
  job->start();
  EXPECT_EQ(job->state, numbers_to(3));
}

TEST(CommitCycle, ChangedTopologyIsRefusedBeforeAnythingIsTouched) {
  Machine machine;
  run_job(machine, 1);
  SmallJob job{machine, {.life = "2", .shards = 4}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<IncompatibleState>(HasSubstr("only a savepoint")));
}

TEST(Savepoint, IsRestoredIntoAnotherNumberOfShards) {
  Machine machine;
  run_job(machine, 2)->save("six");
  const auto job = run_job(machine, 0, {.life = "2", .restore = {.savepoint = "six"}, .shards = 3});
  EXPECT_EQ(job->recovery.restored, (CheckpointName{job->cycle->timeline(), CheckpointId{0}}));
  EXPECT_THAT(job->recovery.content.shards, SizeIs(3));
  EXPECT_EQ(job->state, numbers_to(6));
}

TEST(Savepoint, WithLaterOutputIsRefusedUntilThatIsAccepted) {
  Machine machine;
  const auto first = run_job(machine, 2);
  first->save("six");
  first->read(3);
  first->checkpoint();
  first->cycle.reset();
  SmallJob refused{machine, {.life = "2", .restore = {.savepoint = "six"}}};
  EXPECT_THAT([&] { refused.start(); },
              ThrowsMessage<ConfigError>(HasSubstr("restore.accept_repeated_output")));
  refused.cycle.reset();
  const auto job = run_job(
      machine, 0, {.life = "3", .restore = {.savepoint = "six", .accept_repeated_output = true}});
  EXPECT_EQ(job->next(), 7);
}

TEST(Savepoint, IsRestoredOnce) {
  Machine machine;
  run_job(machine, 2)->save("six");
  run_job(machine, 2, {.life = "2", .restore = {.savepoint = "six"}});
  const auto job = run_job(machine, 0, {.life = "3", .restore = {.savepoint = "six"}});
  EXPECT_EQ(job->next(), 13);
  EXPECT_EQ(published(machine), numbers_to(12));
}

TEST(Savepoint, IsCommittedByTheAuthorityFirst) {
  Machine machine;
  const auto authority = std::make_shared<FakeAuthority>(machine.effects);
  run_job(machine, 2, {.authority = authority})->save("six");
  const auto job =
      run_job(machine, 0, {.life = "2", .authority = authority, .restore = {.savepoint = "six"}});
  EXPECT_EQ(authority->committed.checkpoint->checkpoint,
            (CheckpointName{job->cycle->timeline(), CheckpointId{0}}));
}

TEST(Savepoint, NameIsNotUsedTwice) {
  Machine machine;
  const auto job = run_job(machine, 1);
  job->save("one");
  EXPECT_THAT([&] { job->save("one"); }, ThrowsMessage<ConfigError>(HasSubstr("already")));
}

TEST(Savepoint, UnknownNameListsTheKnownOnes) {
  Machine machine;
  run_job(machine, 1)->save("one");
  SmallJob job{machine, {.life = "2", .restore = {.savepoint = "two"}}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<ConfigError>(
                  AllOf(HasSubstr("no savepoint 'two'"), HasSubstr("savepoints/one/0.savepoint"))));
}

TEST(Savepoint, OutlivesEveryCheckpoint) {
  Machine machine;
  const auto job = run_job(machine, 1);
  job->save("one");
  for (int more = 0; more < 6; ++more) {
    job->read(3);
    job->checkpoint();
  }
  EXPECT_THAT(machine.storage->list("savepoints/"), ElementsAre("savepoints/one/0.savepoint"));
}

TEST(KeptCheckpoint, IsRestoredOnceWhenItsRepeatedOutputIsAccepted) {
  Machine machine;
  std::string first;
  {
    const auto job = run_job(machine, 1);
    first = to_string(job->cycle->committed()->identity.name);
    job->read(3);
    job->checkpoint();
  }
  {
    SmallJob refused{machine, {.life = "2", .restore = {.checkpoint = first}}};
    EXPECT_THAT([&] { refused.start(); },
                ThrowsMessage<ConfigError>(HasSubstr("restore.accept_repeated_output")));
  }
  const RestoreOptions restore{.checkpoint = first, .accept_repeated_output = true};
  {
    const auto job = run_job(machine, 1, {.life = "3", .restore = restore});
    EXPECT_EQ(job->next(), 7);
    EXPECT_EQ(job->state, numbers_to(6));
  }
  const auto job = run_job(machine, 0, {.life = "4", .restore = restore});
  EXPECT_EQ(job->next(), 7);
}

TEST(KeptCheckpoint, UnknownNameListsTheKnownOnes) {
  Machine machine;
  const auto first = run_job(machine, 1);
  const std::string known = to_string(first->cycle->committed()->identity.name);
  first->cycle.reset();
  SmallJob job{machine, {.life = "2", .restore = {.checkpoint = "other-9"}}};
  EXPECT_THAT([&] { job.start(); }, ThrowsMessage<ConfigError>(AllOf(
                                        HasSubstr("no checkpoint 'other-9'"), HasSubstr(known))));
}

}  // namespace
}  // namespace weir::inline v0::detail
