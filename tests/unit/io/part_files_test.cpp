// SPDX-License-Identifier: Apache-2.0
#include "io/part_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/io/written_files.hpp"
#include "weir/error.hpp"

namespace weir::io_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

using RestoreFiles = WriteFiles;

TEST_F(RestoreFiles, RestoreGoesOnWithAHiddenFileAndDropsWhatCameAfter) {
  const auto one_sink = sink({.roll_bytes = 12});
  auto run = start(one_sink);
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"lost"});
  run->barrier(2);
  run->stage(2);
  EXPECT_THAT(texts(hidden()), ElementsAre("one\nlost\n"));
  run.reset();

  run = start(one_sink, part);
  EXPECT_THAT(texts(hidden()), ElementsAre("one\n"));
  run->write(0, {"two", "three"});
  run->checkpoint(1);
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\nthree\n"));
}

TEST_F(RestoreFiles, RestorePublishesWhatWasCommittedAndNotPublished) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  run->barrier(1);
  const std::string part = run->stage(1);
  run.reset();  // Dies between commit and publication.

  run = start(sink(kRollAtEach), part);
  EXPECT_THAT(texts(published()), ElementsAre("one\n"));
  run.reset();

  run = start(sink(kRollAtEach), part);  // Once more: nothing is left to be done.
  EXPECT_THAT(texts(published()), ElementsAre("one\n"));
}

TEST_F(RestoreFiles, ACheckpointCarriesUnconfirmedPublicationsForward) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  run->barrier(1);
  run->stage(1);  // publish(1) never comes.
  run->write(0, {"two"});
  run->barrier(2);
  const std::string part = run->stage(2);
  run.reset();

  run = start(sink(kRollAtEach), part);
  EXPECT_THAT(texts(published()), ElementsAre("one\n", "two\n"));
}

TEST_F(RestoreFiles, RestoreRemovesFilesThatTheCheckpointDoesNotKnow) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"two"});
  run->barrier(2);
  run->stage(2);
  EXPECT_THAT(hidden(), SizeIs(1));
  run.reset();

  run = start(sink(kRollAtEach), part);
  EXPECT_THAT(hidden(), IsEmpty());
  EXPECT_THAT(texts(published()), ElementsAre("one\n"));
}

TEST_F(RestoreFiles, LeavesFilesOfOthersAlone) {
  files_->create_directories(out());
  write_file("out/.part-other-1-0123456789abcdef-000000.txt", "theirs");
  write_file("out/part-of-something.txt", "theirs");
  const auto run = start(sink());

  EXPECT_THAT(hidden(), SizeIs(1));
  EXPECT_THAT(published(), SizeIs(1));
}

TEST_F(RestoreFiles, APublishedFileThatTheCheckpointDoesNotKnowIsAnError) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"two"});
  run->checkpoint(2);
  run.reset();

  EXPECT_THAT([&] { start(sink(kRollAtEach), part); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("-000001.txt' was published, but checkpoint "
                                                     "1 of timeline t does not know it"),
                                           HasSubstr("keep_later_files"))));
  EXPECT_THAT([&] { start(sink(kRollAtEach)); },
              ThrowsMessage<IoError>(HasSubstr("the job starts without a checkpoint")));
}

TEST_F(RestoreFiles, AHiddenFileThatWasPublishedLaterIsAnError) {
  auto run = start(sink({.roll_bytes = 8}));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"two"});
  run->checkpoint(2);
  run.reset();

  EXPECT_THAT([&] { start(sink({.roll_bytes = 8}), part); },
              ThrowsMessage<IoError>(HasSubstr("was published, but checkpoint 1")));
}

TEST_F(RestoreFiles, LaterFilesStayWhereThatIsAccepted) {
  auto run = start(sink({.roll_bytes = 8}));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"two"});
  run->checkpoint(2);
  run.reset();

  run = start(sink({.roll_bytes = 1, .keep_later_files = true}), part);
  run->write(0, {"two again"});
  run->checkpoint(1);
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n", "two again\n"));
}

TEST_F(RestoreFiles, AFileThatSomebodyTookAwayCountsAsPublished) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  files_->remove(join_path(out(), published()[0]));
  run.reset();

  run = start(sink(kRollAtEach), part);
  EXPECT_THAT(published(), IsEmpty());
}

TEST_F(RestoreFiles, AHiddenFileThatIsGoneOrTooShortIsAnError) {
  auto run = start(sink());
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  const std::string file = join_path(out(), hidden()[0]);
  run.reset();

  files_->open_append(file)->truncate(2);
  EXPECT_THAT([&] { start(sink(), part); },
              ThrowsMessage<IoError>(HasSubstr("has 2 bytes; the checkpoint needs 4")));
  files_->remove(file);
  EXPECT_THAT([&] { start(sink(), part); },
              ThrowsMessage<IoError>(HasSubstr("is gone; the checkpoint needs 4 bytes")));
}

TEST_F(RestoreFiles, RefusesAPartThatIsDamaged) {
  EXPECT_THROW(start(sink(), std::string{"\x07"}), CorruptState);
  EXPECT_THROW(start(sink(), std::string{"\x01\x05\x50"}), CorruptState);
}

TEST_F(RestoreFiles, MayBeRestoredBeforeItIsOpened) {
  const auto one_sink = sink(kRollAtEach);
  auto run = start(one_sink);
  run->write(0, {"one"});
  run->barrier(1);
  const std::string part = run->stage(1);
  run.reset();

  one_sink->participant()->restore(CheckpointName{"t", {1}}, part);
  EXPECT_THAT(published(), IsEmpty());
  const Run second{one_sink, world(), 1};
  EXPECT_THAT(texts(published()), ElementsAre("one\n"));
}

}  // namespace
}  // namespace weir::io_test
