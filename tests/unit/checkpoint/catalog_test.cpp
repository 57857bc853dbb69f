// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/checkpoint/small_job.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

/// A machine on which a job has committed three checkpoints, and ended.
struct AfterThree {
  AfterThree() : AfterThree(SmallJob::Options{}) {}
  explicit AfterThree(const SmallJob::Options& options) {
    SmallJob job{machine, options};
    job.start();
    timeline = job.cycle->timeline();
    for (int done = 0; done < 3; ++done) {
      job.read(3);
      job.checkpoint();
    }
  }

  std::string file(int number) const {
    return "data/small/0/" + timeline + "-" + std::to_string(number) + ".ckpt";
  }
  /// What an authority remembers of a checkpoint.
  CheckpointPointer pointer(std::uint64_t number) const {
    return {{timeline, CheckpointId{number}}, "0"};
  }
  /// Flips a bit near the end of a checkpoint.
  void damage(int number) {
    machine.disk->flip_bit(file(number), 8 * machine.disk->file_size(file(number)) - 100);
  }
  /// Flips a bit in the first block.
  void damage_head(int number) { machine.disk->flip_bit(file(number), 8 * 50); }

  Machine machine;
  std::string timeline;
};

TEST(CheckpointCatalog, DamagedNewestCheckpointIsAnErrorWithTheWaysOut) {
  AfterThree after;
  after.damage(3);
  SmallJob job{after.machine, {.life = "2"}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<CorruptState>(AllOf(HasSubstr("-3.ckpt"), HasSubstr("ways out"),
                                                HasSubstr("restore.savepoint"))));
}

TEST(CheckpointCatalog, UnreadableHeadOfTheNewestIsAnErrorToo) {
  AfterThree after;
  after.damage_head(3);
  SmallJob job{after.machine, {.life = "2"}};
  EXPECT_THAT([&] { job.start(); }, ThrowsMessage<CorruptState>(HasSubstr("ways out")));
}

TEST(CheckpointCatalog, GoesBackWhereNothingWasPublishedOrAcknowledged) {
  for (const bool has_head : {true, false}) {
    const SmallJob::Options silent{.acknowledges = false, .has_sink = false};
    AfterThree after{silent};
    has_head ? after.damage(3) : after.damage_head(3);
    SmallJob::Options options = silent;
    options.life = "2";
    SmallJob job{after.machine, options};
    job.start();
    EXPECT_EQ(job.state, numbers_to(6));
    job.read(3);
    job.checkpoint();
    EXPECT_EQ(job.next(), 10);
  }
}

TEST(CheckpointCatalog, MovingTheDamagedFileAwayGoesBack) {
  AfterThree after;
  after.damage(3);
  after.machine.disk->remove(after.file(3));
  SmallJob job{after.machine, {.life = "2"}};
  job.start();
  EXPECT_EQ(job.state, numbers_to(6));
}

TEST(CheckpointCatalog, DamagedOlderCheckpointIsFoundWhenItsDeltaIsLoaded) {
  AfterThree after;
  after.damage_head(2);
  SmallJob job{after.machine, {.life = "2"}};
  EXPECT_NO_THROW(job.cycle->recover(job.topology));
  EXPECT_NO_THROW(load_state(*after.machine.storage, job.cycle->committed()->shards[0]));
  after.machine.disk->flip_bit(after.file(2),
                               8 * after.machine.disk->content(after.file(2)).find("4 5 6"));
  EXPECT_THROW(load_state(*after.machine.storage, job.cycle->committed()->shards[0]), CorruptState);
}

TEST(CheckpointCatalog, MissingDeltaIsNamedAtOnce) {
  AfterThree after;
  after.machine.disk->remove(after.file(1));
  SmallJob job{after.machine, {.life = "2"}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<CorruptState>(
                  AllOf(HasSubstr("needs"), HasSubstr("-1.ckpt"), HasSubstr("missing"))));
}

TEST(CheckpointCatalog, AuthorityThatNamesAMissingFileIsAnErrorWithTheWaysOut) {
  AfterThree after;
  const auto authority = std::make_shared<FakeAuthority>(after.machine.effects);
  authority->committed.checkpoint = after.pointer(9);
  SmallJob job{after.machine, {.life = "2", .authority = authority}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<CorruptState>(AllOf(HasSubstr("-9.ckpt"), HasSubstr("is missing"),
                                                HasSubstr("bring the file back"))));
}

TEST(CheckpointCatalog, AuthorityDecidesEvenWhenANewerFileIsThere) {
  AfterThree after;
  after.damage_head(3);
  const auto authority = std::make_shared<FakeAuthority>(after.machine.effects);
  authority->committed.checkpoint = after.pointer(2);
  SmallJob job{after.machine, {.life = "2", .authority = authority}};
  job.start();
  EXPECT_EQ(job.state, numbers_to(6));
}

TEST(CheckpointCatalog, PositionsOfAnotherCutAreRefused) {
  AfterThree after;
  const auto authority = std::make_shared<FakeAuthority>(after.machine.effects);
  authority->committed.checkpoint = after.pointer(2);
  authority->committed.splits[SplitId{"0"}] = CommittedSplit{Position{"8"}, after.pointer(2)};
  SmallJob job{after.machine, {.life = "2", .authority = authority}};
  EXPECT_THAT([&] { job.start(); }, ThrowsMessage<CorruptState>(HasSubstr("are not of one cut")));
}

TEST(CheckpointCatalog, PositionOfAnUnknownSplitIsRefused) {
  AfterThree after;
  const auto authority = std::make_shared<FakeAuthority>(after.machine.effects);
  authority->committed.checkpoint = after.pointer(2);
  authority->committed.splits[SplitId{"1"}] = CommittedSplit{Position{"7"}, after.pointer(2)};
  SmallJob job{after.machine, {.life = "2", .authority = authority}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<CorruptState>(HasSubstr("does not hold split '1'")));
}

TEST(CheckpointCatalog, AuthorityThatHasForgottenItsCommitsIsAnError) {
  AfterThree after;
  const auto authority = std::make_shared<FakeAuthority>(after.machine.effects);
  SmallJob job{after.machine, {.life = "2", .authority = authority}};
  EXPECT_THAT([&] { job.start(); },
              ThrowsMessage<CorruptState>(HasSubstr("have expired or were reset")));
}

TEST(CheckpointCatalog, SavepointIsAWayOutOfADamagedCheckpoint) {
  Machine machine;
  std::string file;
  {
    SmallJob job{machine};
    job.start();
    job.read(3);
    job.checkpoint();
    job.save("three");
    job.read(3);
    job.checkpoint();
    file = "data/" + checkpoint_file({"small", "0"}, job.cycle->committed()->identity.name);
  }
  machine.disk->flip_bit(file, 8 * 50);
  SmallJob job{machine,
               {.life = "2", .restore = {.savepoint = "three", .accept_repeated_output = true}}};
  job.start();
  EXPECT_EQ(job.state, numbers_to(3));
}

TEST(CheckpointCatalog, LeftoversOfACrashAreRemovedAtTheNextStart) {
  AfterThree after;
  after.machine.storage->put_if_absent("small/0/" + after.timeline + "-3.base/all-0/all",
                                       stream_of({"half a base"}));
  SmallJob job{after.machine, {.life = "2"}};
  job.start();
  EXPECT_THAT(after.machine.storage->list(""), Not(Contains(HasSubstr(".base"))));
}

TEST(CheckpointCatalog, FilesOfOtherInstancesAndJobsAreLeftAlone) {
  AfterThree after;
  after.machine.storage->put_if_absent("small/1/x", stream_of({"x"}));
  after.machine.storage->put_if_absent("other/0/x", stream_of({"x"}));
  SmallJob job{after.machine, {.life = "2"}};
  job.start();
  EXPECT_THAT(after.machine.storage->list(""), AllOf(Contains("small/1/x"), Contains("other/0/x")));
}

}  // namespace
}  // namespace weir::inline v0::detail
