// SPDX-License-Identifier: Apache-2.0
// Goal: each row of the table of crashes and failures: what the broker has, and what comes of it.
// Method: a job from a topic to a topic and to files dies at the first, second, third ... effect of
// one kind; what the next process finds is what the row says, and each result is there once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/kafka/tables.hpp"

namespace simulation {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using weir::testing::CrashPoint;
using weir::testing::KafkaCall;
using weir::testing::World;
using weir::testing::WorldOptions;
using Kind = weir::kafka::KafkaError::Kind;
using Moment = CrashPoint::Moment;

/// One story for each time that the effect happens; in each the process dies there.
std::vector<Story> die_at_each(const std::string& effect, Moment moment,
                               WorldOptions options = small_steps(), std::uint32_t lines = 60) {
  constexpr std::uint32_t kOccurrencesMax = 15;
  std::vector<Story> stories;
  for (std::uint32_t occurrence = 1; occurrence <= kOccurrencesMax; ++occurrence) {
    options.crash_points = {{effect, occurrence, moment}};
    Story story = tell(options, {}, lines);
    if (story.crashes == 0) break;
    EXPECT_EQ(story.faults, "") << effect << ", occurrence " << occurrence;
    stories.push_back(std::move(story));
  }
  EXPECT_GE(stories.size(), 3U) << "'" << effect << "' hardly ever happens";
  return stories;
}

/// A story in which something happens once, when line 30 comes by.
Story when_line_30_comes(WorldOptions options, const std::function<void(World&)>& happens) {
  bool has_happened = false;
  return tell(options, [&](World& world, const std::string& line) {
    const bool is_now = !has_happened && line.substr(line.find(' ') + 1) == "30";
    has_happened |= is_now;
    if (is_now) happens(world);
    return true;
  });
}

TEST(KafkaCrashTable, NothingGoesWrongWithoutAReason) {
  const Story story = tell(small_steps());
  EXPECT_EQ(story.faults, "");
  EXPECT_EQ(story.failures, 0U);
  EXPECT_GT(story.at_the_end.committed, 3U);
}

TEST(KafkaCrashTable, PartialFileOfACheckpointIsDeleted) {
  std::size_t partial = 0;
  for (const Moment moment : {Moment::before, Moment::after}) {
    for (const Story& story : die_at_each("write checkpoints/simulated/0/", moment)) {
      partial += story.found[1].with(".tmp").size();
      EXPECT_THAT(story.at_the_end.with(".tmp"), IsEmpty());
    }
  }
  EXPECT_GT(partial, 0U);
}

TEST(KafkaCrashTable, OutputThatNoCheckpointHasIsAborted) {
  std::size_t open = 0;
  for (const Story& story : die_at_each("produce to out", Moment::after)) {
    open += story.found[1].open_transactions;
    EXPECT_EQ(story.at_the_end.open_transactions, 0U);
  }
  EXPECT_GT(open, 0U);
}

TEST(KafkaCrashTable, FileThatWasNotCommittedIsDiscarded) {
  std::size_t uncommitted = 0;
  for (const Story& story :
       die_at_each("sync the directory checkpoints/simulated/0", Moment::after)) {
    for (const std::string& file : story.found[1].uncommitted()) {
      ++uncommitted;
      EXPECT_THAT(story.at_the_end.files, Not(Contains(file)));
    }
  }
  EXPECT_GT(uncommitted, 0U);
}

TEST(KafkaCrashTable, StagedOffsetsAreDroppedByTheAbort) {
  const std::vector<Story> stories = die_at_each("send offsets of simulated", Moment::after);
  for (std::size_t before = 0; before < stories.size(); ++before) {
    EXPECT_TRUE(stories[before].found[1].is_undecided);
    EXPECT_EQ(stories[before].found[1].committed, before);
  }
}

TEST(KafkaCrashTable, EndOfATransactionThatTheBrokerDidNotGetIsAnAbort) {
  const std::vector<Story> stories = die_at_each("commit simulated.0", Moment::before);
  for (std::size_t before = 0; before < stories.size(); ++before) {
    EXPECT_EQ(stories[before].found[1].committed, before);
    EXPECT_EQ(stories[before].found[1].open_transactions, 1U);
    EXPECT_THAT(stories[before].found[1].uncommitted(), SizeIs(1));
  }
}

TEST(KafkaCrashTable, CommitThatAKilledProcessDidNotLearnOfIsTheTruth) {
  const std::vector<Story> stories = die_at_each("commit simulated.0", Moment::after);
  for (std::size_t before = 0; before < stories.size(); ++before) {
    EXPECT_EQ(stories[before].found[1].committed, before + 1);
    EXPECT_EQ(stories[before].found[1].open_transactions, 0U);
    EXPECT_THAT(stories[before].found[1].uncommitted(), IsEmpty());
  }
}

TEST(KafkaCrashTable, LostAnswersOfCommitsAreAskedForAgain) {
  WorldOptions options = small_steps();
  options.faults.log.commit_answer_lost = 0.5;
  options.faults.log.commit_undecided = 0.3;
  options.faults.log.commit_unfinished = 0.3;
  const Story story = tell(options);
  EXPECT_EQ(story.faults, "");
  EXPECT_EQ(story.failures, 0U);
}

TEST(KafkaCrashTable, DecidedCommitIsFinishedByTheNextProcess) {
  WorldOptions options = small_steps();
  options.faults.log.commit_unfinished = 1;
  for (const Story& story : die_at_each("decide commit of simulated.0", Moment::after, options)) {
    EXPECT_EQ(story.found[1].open_transactions, 1U);
  }
}

TEST(KafkaCrashTable, PublicationsAreRedone) {
  for (const Moment moment : {Moment::before, Moment::after}) {
    for (const Story& story : die_at_each("rename files/", moment)) {
      EXPECT_GT(story.found[1].committed, 0U);
      EXPECT_THAT(story.at_the_end.with("files/."), Each(HasSubstr(".lock")));
    }
  }
}

TEST(KafkaCrashTable, RetentionIsFinishedByTheNextProcess) {
  WorldOptions options = small_steps();
  options.job.checkpoints.max_delta_files = 1;
  constexpr std::uint32_t kLines = 300;  // Enough for files to grow old.
  const std::size_t kept = tell(options, {}, kLines).at_the_end.with(".ckpt").size();
  for (const Moment moment : {Moment::before, Moment::after}) {
    for (const Story& story :
         die_at_each("remove checkpoints/simulated/0/", moment, options, kLines)) {
      EXPECT_LE(story.at_the_end.with(".ckpt").size(), kept + 1);
    }
  }
}

TEST(KafkaCrashTable, HalfMadeBasesAreCollected) {
  WorldOptions options = small_steps();
  options.job.checkpoints.max_delta_files = 1;
  for (const char* effect :
       {"create checkpoints/simulated/0/", "rename checkpoints/simulated/0/"}) {
    for (const Story& story : die_at_each(effect, Moment::after, options)) {
      EXPECT_THAT(story.at_the_end.with(".tmp"), IsEmpty());
    }
  }
}

TEST(KafkaCrashTable, ErrorsOfTheProducerAreAnsweredByANewOne) {
  for (const KafkaCall call :
       {KafkaCall::produce, KafkaCall::send_offsets, KafkaCall::commit_transaction}) {
    for (const Kind kind : {Kind::failed, Kind::fenced}) {
      const Story story = when_line_30_comes(small_steps(), [&](World& world) {
        world.kafka()->fail(call, 1, kind, "INVALID_PRODUCER_EPOCH");
      });
      EXPECT_EQ(story.faults, "");
      EXPECT_EQ(story.crashes, 0U);
      EXPECT_EQ(story.failures, 1U);
    }
  }
}

TEST(KafkaCrashTable, RetriableErrorsAreWaitedOut) {
  for (const KafkaCall call : {KafkaCall::send_offsets, KafkaCall::commit_transaction}) {
    const Story story = when_line_30_comes(small_steps(), [&](World& world) {
      world.kafka()->fail(call, 5, Kind::retriable, "_TIMED_OUT");
    });
    EXPECT_EQ(story.faults, "");
    EXPECT_EQ(story.failures, 0U);
  }
}

TEST(KafkaCrashTable, LostAssignmentEndsTheAttempt) {
  const Story story = when_line_30_comes(
      small_steps(), [](World& world) { world.kafka()->expel(Words::kGroup, Words::kMember); });
  EXPECT_EQ(story.faults, "");
  EXPECT_GE(story.failures, 1U);
}

TEST(KafkaCrashTable, RevokedPartitionsAreGivenUpAfterALastCheckpoint) {
  const Story story = when_line_30_comes(
      small_steps(), [](World& world) { world.kafka()->rebalance(Words::kGroup); });
  EXPECT_EQ(story.faults, "");
  EXPECT_EQ(story.failures, 0U);
}

TEST(KafkaCrashTable, TransactionThatRanOutOfTimeIsReplayed) {
  WorldOptions options = small_steps();
  options.faults.span = weir::Duration{200'000};
  const Story story = when_line_30_comes(
      options, [](World& world) { world.clock().advance(weir::Duration{61'000}); });
  EXPECT_EQ(story.faults, "");
  EXPECT_GE(story.failures, 1U);
}

}  // namespace
}  // namespace simulation
