// SPDX-License-Identifier: Apache-2.0
#include "weir/io/write_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file_names.hpp"
#include "tests/unit/io/reading.hpp"
#include "tests/unit/io/sink_run.hpp"
#include "tests/unit/io/temp_files.hpp"
#include "weir/csv.hpp"
#include "weir/error.hpp"
#include "weir/io/read.hpp"

namespace weir::io_test {

struct Sale {
  std::string shop;
  std::int64_t amount = 0;
  friend bool operator==(const Sale&, const Sale&) = default;
};

}  // namespace weir::io_test

WEIR_FIELDS(weir::io_test::Sale, shop, amount);

namespace weir::io_test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;
using Texts = std::vector<std::string>;

const io::WriteOptions kRollAtEach{.roll_age = Duration{0}};

class WriteFiles : public TempFiles {
 protected:
  using Run = SinkRun<std::string>;

  Run::World world(bool has_checkpoints = true) { return {files_.get(), &clock_, has_checkpoints}; }
  std::string out() const { return path("out"); }

  /// A run that starts from a checkpoint, or from none.
  std::unique_ptr<Run> start(const std::shared_ptr<Sink<std::string>>& sink,
                             const std::optional<std::string>& part = std::nullopt,
                             std::size_t tasks = 1) {
    auto run = std::make_unique<Run>(sink, world(), tasks);
    if (part) {
      run->participant().restore(CheckpointName{"t", {1}}, *part);
    } else {
      run->participant().restore(std::nullopt, "");
    }
    return run;
  }
  std::shared_ptr<Sink<std::string>> sink(const io::WriteOptions& options = {}) {
    return io::write_files(out(), text(), options);
  }

  /// Names of files in the directory: hidden ones, or published ones.
  Texts names(bool hidden, const std::string& directory) {
    Texts found;
    for (const std::string& name : files_->list(directory)) {
      if (name.substr(0, 5) == ".lock" || files_->is_directory(join_path(directory, name)))
        continue;
      if (detail::is_hidden_name(name) == hidden) found.push_back(name);
    }
    return found;
  }
  Texts hidden() { return names(true, out()); }
  Texts published() { return names(false, out()); }
  Texts texts(const Texts& names) {
    Texts contents;
    for (const std::string& name : names) contents.push_back(text_of(join_path(out(), name)));
    return contents;
  }

  HandClock clock_;
};

TEST_F(WriteFiles, ShowsRecordsOnlyWhenTheirCheckpointIsCommitted) {
  const auto run = start(sink(kRollAtEach));
  run->write(0, {"one", "two"});
  run->work();
  EXPECT_THAT(published(), IsEmpty());

  run->barrier(1);
  run->stage(1);
  EXPECT_THAT(published(), IsEmpty());
  EXPECT_THAT(texts(hidden()), ElementsAre("one\ntwo\n"));

  run->publish(1);
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n"));
  EXPECT_THAT(hidden(), IsEmpty());
}

TEST_F(WriteFiles, NamesFilesByPrefixRunTokenAndNumber) {
  const auto run = start(sink({.prefix = "sales", .suffix = ".log", .roll_age = Duration{0}}));
  run->write(0, {"a"});
  run->checkpoint(1);
  run->write(0, {"b"});
  run->checkpoint(2);

  EXPECT_THAT(published(), ElementsAre(AllOf(StartsWith("sales-1-"), EndsWith("-000000.log")),
                                       AllOf(StartsWith("sales-1-"), EndsWith("-000001.log"))));
}

TEST_F(WriteFiles, AFileOutlivesManyCheckpointsUntilItIsFull) {
  const auto run = start(sink({.roll_bytes = 10}));
  run->write(0, {"one"});
  run->checkpoint(1);
  run->write(0, {"two"});
  run->checkpoint(2);
  EXPECT_THAT(published(), IsEmpty());
  EXPECT_THAT(hidden(), SizeIs(1));

  run->write(0, {"three"});
  run->checkpoint(3);
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\nthree\n"));
}

TEST_F(WriteFiles, AFileEndsByItsAgeAtACheckpointOnly) {
  const auto run = start(sink({.roll_age = Duration{1'000}}));
  run->write(0, {"one"});
  run->checkpoint(1);
  clock_.advance(Duration{2'000});
  run->write(0, {"two"});
  run->work();
  EXPECT_THAT(published(), IsEmpty());

  run->checkpoint(2);
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n"));
}

TEST_F(WriteFiles, PublishesEverythingAtTheEnd) {
  const auto run = start(sink(), std::nullopt, 2);
  run->write(0, {"one"});
  run->write(1, {"two"});
  run->end();
  run->checkpoint(1);

  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n"));
  EXPECT_THAT(hidden(), IsEmpty());
}

TEST_F(WriteFiles, OneTaskThatHasEndedEndsNoFile) {
  const auto run = start(sink(), std::nullopt, 2);
  run->write(0, {"one"});
  run->task(0).end();
  run->checkpoint(1);

  EXPECT_THAT(hidden(), SizeIs(1));
}

TEST_F(WriteFiles, WithoutRecordsThereIsNoFile) {
  const auto run = start(sink(kRollAtEach));
  run->checkpoint(1);
  run->end();
  run->checkpoint(2);

  EXPECT_THAT(published(), IsEmpty());
  EXPECT_THAT(hidden(), IsEmpty());
}

TEST_F(WriteFiles, RecordsAfterATasksBarrierWaitForTheOtherTasks) {
  const auto run = start(sink(kRollAtEach), std::nullopt, 2);
  run->write(0, {"before"});
  run->task(0).barrier({1});
  run->write(0, {"after"});
  run->task(0).barrier({2});  // Hands "after" over, too early by far.
  run->work();
  run->write(1, {"other"});
  run->task(1).barrier({1});
  run->stage(1);
  run->publish(1);
  EXPECT_THAT(texts(published()), ElementsAre("before\nother\n"));

  run->task(1).barrier({2});
  run->stage(2);
  run->publish(2);
  EXPECT_THAT(texts(published()), ElementsAre("before\nother\n", "after\n"));
}

TEST_F(WriteFiles, RestoreGoesOnWithAHiddenFileAndDropsWhatCameAfter) {
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

TEST_F(WriteFiles, RestorePublishesWhatWasCommittedAndNotPublished) {
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

TEST_F(WriteFiles, ACheckpointCarriesUnconfirmedPublicationsForward) {
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

TEST_F(WriteFiles, RestoreRemovesFilesThatTheCheckpointDoesNotKnow) {
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

TEST_F(WriteFiles, LeavesFilesOfOthersAlone) {
  files_->create_directories(out());
  write_file("out/.part-other-1-0123456789abcdef-000000.txt", "theirs");
  write_file("out/part-of-something.txt", "theirs");
  const auto run = start(sink());

  EXPECT_THAT(hidden(), SizeIs(1));
  EXPECT_THAT(published(), SizeIs(1));
}

TEST_F(WriteFiles, APublishedFileThatTheCheckpointDoesNotKnowIsAnError) {
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

TEST_F(WriteFiles, AHiddenFileThatWasPublishedLaterIsAnError) {
  auto run = start(sink({.roll_bytes = 8}));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  run->write(0, {"two"});
  run->checkpoint(2);
  run.reset();

  EXPECT_THAT([&] { start(sink({.roll_bytes = 8}), part); },
              ThrowsMessage<IoError>(HasSubstr("was published, but checkpoint 1")));
}

TEST_F(WriteFiles, LaterFilesStayWhereThatIsAccepted) {
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

TEST_F(WriteFiles, AFileThatSomebodyTookAwayCountsAsPublished) {
  auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  files_->remove(join_path(out(), published()[0]));
  run.reset();

  run = start(sink(kRollAtEach), part);
  EXPECT_THAT(published(), IsEmpty());
}

TEST_F(WriteFiles, AHiddenFileThatIsGoneOrTooShortIsAnError) {
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

TEST_F(WriteFiles, RefusesAPartThatIsDamaged) {
  EXPECT_THROW(start(sink(), std::string{"\x07"}), CorruptState);
  EXPECT_THROW(start(sink(), std::string{"\x01\x05\x50"}), CorruptState);
}

TEST_F(WriteFiles, MayBeRestoredBeforeItIsOpened) {
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

TEST_F(WriteFiles, TwoSinksCannotShareDirectoryAndPrefix) {
  const auto first = start(sink());

  EXPECT_THAT([&] { start(sink()); }, ThrowsMessage<LockedError>(HasSubstr("file sink 'sink'")));
  start(sink({.prefix = "other"}));
}

TEST_F(WriteFiles, TheDirectoryIsFreeWhenTheTasksAreGone) {
  const auto one_sink = sink();
  start(one_sink).reset();

  start(sink());
}

TEST_F(WriteFiles, WritesTheHeaderOnceIntoEachFile) {
  const auto sink = io::write_files(out(), csv<Sale>(), {.roll_age = Duration{0}});
  SinkRun<Sale> run{sink, {files_.get(), &clock_}, 1};
  run.participant().restore(std::nullopt, "");
  run.write(0, {{"north", 1}, {"a,b\nc", 2}});
  run.checkpoint(1);
  run.write(0, {{"south", 3}});
  run.checkpoint(2);

  EXPECT_THAT(published(), Each(EndsWith(".csv")));
  EXPECT_THAT(texts(published()),
              ElementsAre("shop,amount\nnorth,1\n\"a,b\nc\",2\n", "shop,amount\nsouth,3\n"));
  EXPECT_THAT(read_all(*io::read(out(), csv<Sale>()), inline_context(files_.get())),
              ElementsAre(Sale{"north", 1}, Sale{"a,b\nc", 2}, Sale{"south", 3}));
}

TEST_F(WriteFiles, PutsRecordsIntoTheDirectoryOfTheirBucket) {
  const auto sink = io::write_files(out(), csv<Sale>({.has_header = false}), kRollAtEach,
                                    [](const Sale& sale) { return "shop=" + sale.shop + "/all"; });
  SinkRun<Sale> run{sink, {files_.get(), &clock_}, 1};
  run.participant().restore(std::nullopt, "");
  run.write(0, {{"n", 1}, {"s", 2}, {"n", 3}});
  run.checkpoint(1);

  const Texts north = names(false, out() + "/shop=n/all");
  ASSERT_THAT(north, SizeIs(1));
  EXPECT_EQ(text_of(out() + "/shop=n/all/" + north[0]), "n,1\nn,3\n");
  EXPECT_THAT(names(false, out() + "/shop=s/all"), SizeIs(1));
}

TEST_F(WriteFiles, GivesTheEventTimeToABucketFunctionThatTakesIt) {
  const auto sink =
      io::write_files(out(), text(), kRollAtEach,
                      [](const std::string&, EventTime time) { return io::utc_hour(time); });
  const auto run = start(sink);
  run->write(0, {"a", "b"}, {EventTime{0}, EventTime{1'709'211'599'999}});
  run->checkpoint(1);

  EXPECT_THAT(names(false, out() + "/1970-01-01-00"), SizeIs(1));
  EXPECT_THAT(names(false, out() + "/2024-02-29-12"), SizeIs(1));
}

TEST_F(WriteFiles, RefusesABucketOutsideOfItsDirectory) {
  for (const std::string bucket :
       {"..", "a/../../b", "/etc", "a//b", "a/", ".hidden", "a\nb", "a/.", "x/.part-1"}) {
    const auto sink =
        io::write_files(out(), text(), {}, [bucket](const std::string&) { return bucket; });
    const auto run = start(sink);

    EXPECT_THAT([&] { run->write(0, {"a"}); },
                ThrowsMessage<BadRecord>(HasSubstr("path below the directory")))
        << bucket;
  }
}

TEST_F(WriteFiles, RefusesARecordWithALineBreakInAFormatOfLines) {
  const auto run = start(sink(kRollAtEach));
  run->write(0, {"good"});

  EXPECT_THAT([&] { run->write(0, {"two\nlines"}); },
              ThrowsMessage<BadRecord>(HasSubstr("line break, which the format 'text'")));

  run->checkpoint(1);
  EXPECT_THAT(texts(published()), ElementsAre("good\n"));
}

TEST_F(WriteFiles, NamesAllOptionsThatCannotBe) {
  EXPECT_THAT(io::write_files("", text(),
                              {.prefix = ".x",
                               .suffix = "/",
                               .roll_bytes = 0,
                               .roll_age = Duration{-1},
                               .buffer_bytes = 0,
                               .open_files_max = 0,
                               .buckets_max = 0})
                  ->faults(),
              ElementsAre(HasSubstr("directory"), HasSubstr("suffix is '/'"),
                          HasSubstr("prefix is '.x'"), HasSubstr("roll_bytes is 0"),
                          HasSubstr("roll_age is -1ms"), HasSubstr("buffer_bytes is 0"),
                          HasSubstr("open_files_max is 0"), HasSubstr("buckets_max is 0")));
  EXPECT_THAT(sink()->faults(), IsEmpty());
  EXPECT_EQ(sink()->strongest_guarantee(), Guarantee::exactly_once);
}

TEST_F(WriteFiles, SaysThatADirectoryCannotBeMade) {
  write_file("out", "a file");

  EXPECT_THAT([&] { start(sink()); }, ThrowsMessage<IoError>(HasSubstr("out")));
}

TEST_F(WriteFiles, HoldsBackOnlyATaskWhoseBufferIsFull) {
  const auto run = start(sink({.buffer_bytes = 100}), std::nullopt, 2);
  run->write(0, {std::string(200, 'a')});
  run->write(1, {"b"});
  EXPECT_FALSE(run->task(0).ready());
  EXPECT_TRUE(run->task(1).ready());
  EXPECT_THAT(run->woken(), IsEmpty());

  run->work();
  EXPECT_TRUE(run->task(0).ready());
  EXPECT_THAT(run->woken(), ElementsAre(0));
}

TEST_F(WriteFiles, RecordsThatWaitForACheckpointHoldTheirTaskBack) {
  const auto run = start(sink({.buffer_bytes = 100}), std::nullopt, 2);
  run->task(0).barrier({1});
  run->write(0, {std::string(200, 'a')});
  run->work();
  EXPECT_FALSE(run->task(0).ready());

  run->task(1).barrier({1});
  run->stage(1);
  EXPECT_TRUE(run->task(0).ready());
}

TEST_F(WriteFiles, UsesNoMoreDescriptorsThanItMay) {
  const auto sink = io::write_files(out(), text(), {.open_files_max = 2},
                                    [](const std::string& record) { return record.substr(0, 1); });
  const auto run = start(sink);
  for (std::uint64_t round = 1; round <= 3; ++round) {
    for (const std::string bucket : {"a", "b", "c", "d", "e"}) {
      run->write(0, {bucket + std::to_string(round)});
    }
    run->checkpoint(round);
  }
  run->end();
  run->checkpoint(4);

  const Texts names_of_e = names(false, out() + "/e");
  ASSERT_THAT(names_of_e, SizeIs(1));
  EXPECT_EQ(text_of(out() + "/e/" + names_of_e[0]), "e1\ne2\ne3\n");
}

TEST_F(WriteFiles, EndsTheFilesUsedTheLongestAgoWhenThereAreTooMany) {
  const auto sink = io::write_files(out(), text(), {.buckets_max = 2},
                                    [](const std::string& record) { return record.substr(0, 1); });
  const auto run = start(sink);
  run->write(0, {"a"});
  run->work();
  run->barrier(1);
  run->stage(1);
  run->write(0, {"b", "c"});
  run->checkpoint(2);

  EXPECT_THAT(names(false, out() + "/a"), SizeIs(1));
  EXPECT_THAT(names(false, out() + "/b"), IsEmpty());
  EXPECT_THAT(names(false, out() + "/c"), IsEmpty());
}

TEST_F(WriteFiles, WithoutCheckpointsPublishesFullFilesAndTheRestAtTheEnd) {
  Run run{sink({.roll_bytes = 8, .buffer_bytes = 1}), world(false), 1};
  run.write(0, {"one", "two"});
  run.work();
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n"));

  run.write(0, {"three"});
  run.work();
  EXPECT_THAT(published(), SizeIs(1));
  run.end();
  run.work();
  EXPECT_THAT(texts(published()), ElementsAre("one\ntwo\n", "three\n"));
}

TEST_F(WriteFiles, WithoutCheckpointsRunsAddToADirectoryAndTidyUp) {
  {
    Run run{sink({.buffer_bytes = 1}), world(false), 1};
    run.write(0, {"one"});
    run.work();
    EXPECT_THAT(hidden(), SizeIs(1));
  }
  Run run{sink(), world(false), 1};
  EXPECT_THAT(hidden(), IsEmpty());
  run.write(0, {"again"});
  run.end();
  run.work();
  EXPECT_THAT(texts(published()), ElementsAre("again\n"));
}

TEST_F(WriteFiles, KeepsTheDirectoryToItsOwner) {
  start(sink());

  EXPECT_EQ(std::filesystem::status(out()).permissions(), std::filesystem::perms::owner_all);
}

TEST(FileNames, OnlyNamesOfThePrefixAreParsed) {
  const std::string name = detail::file_name("part", {3, "0123456789abcdef", 12}, ".csv");
  EXPECT_EQ(name, "part-3-0123456789abcdef-000012.csv");

  const auto number = detail::parse_file_name(detail::hidden_name(name), "part");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->run, 3U);
  EXPECT_EQ(number->token, "0123456789abcdef");
  EXPECT_EQ(number->sequence, 12U);
  EXPECT_FALSE(detail::parse_file_name("part-2-3-0123456789abcdef-000012.csv", "part"));
  EXPECT_TRUE(detail::parse_file_name("part-2-3-0123456789abcdef-000012.csv", "part-2"));
  for (const std::string other :
       {"", "part", "part-", "part-3-", "part-3-0123", "parts-3-", "part-3-0123456789ABCDEF-1",
        "part-3-0123456789abcdef-x", "part-3-0123456789abcdefg-1"}) {
    EXPECT_FALSE(detail::parse_file_name(other, "part")) << other;
  }
}

TEST(FileNames, DaysAndHoursAreUtc) {
  EXPECT_EQ(io::utc_day(EventTime{-1}), "1969-12-31");
  EXPECT_EQ(io::utc_hour(EventTime{-1}), "1969-12-31-23");
  EXPECT_EQ(io::utc_hour(EventTime{1'709'208'000'000}), "2024-02-29-12");
}

}  // namespace
}  // namespace weir::io_test
