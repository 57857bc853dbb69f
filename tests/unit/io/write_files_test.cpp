// SPDX-License-Identifier: Apache-2.0
#include "weir/io/write_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "io/file_names.hpp"
#include "tests/unit/io/reading.hpp"
#include "tests/unit/io/written_files.hpp"
#include "weir/csv.hpp"
#include "weir/dead_letter.hpp"
#include "weir/error.hpp"
#include "weir/io/read.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/sim_disk.hpp"

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

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

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

TEST_F(WriteFiles, AFullDiskEndsTheAttemptAndLosesNothing) {
  weir::testing::Effects effects;
  weir::testing::SimDisk disk{effects};
  const auto one_sink = io::write_files("out", text(), kRollAtEach);
  auto run = std::make_unique<Run>(one_sink, Run::World{&disk, &clock_}, 1);
  run->participant().restore(std::nullopt, "");
  run->write(0, {"one"});
  const std::string part = run->checkpoint(1);
  disk.set_capacity(600);
  run->write(0, {"two", std::string(1'000, 'x')});
  run->barrier(2);
  EXPECT_THROW(run->work(), IoError);
  EXPECT_THROW(run->stage(2), IoError);
  run.reset();

  disk.set_capacity(std::nullopt);
  run = std::make_unique<Run>(one_sink, Run::World{&disk, &clock_}, 1);
  run->participant().restore(CheckpointName{"t", {1}}, part);
  run->write(0, {"two"});
  run->checkpoint(1);
  std::string all;
  for (const std::string& name : disk.list("out")) {
    if (name.front() != '.') all += disk.content("out/" + name);
  }
  EXPECT_EQ(all, "one\ntwo\n");
}

TEST_F(WriteFiles, APublicationThatFailsIsTriedAgain) {
  const auto run = start(sink(kRollAtEach));
  run->write(0, {"one"});
  run->barrier(1);
  run->stage(1);
  const std::string hidden_file = join_path(out(), hidden()[0]);
  const std::string shown = join_path(out(), hidden()[0].substr(detail::kHiddenPrefix.size()));
  files_->create_directories(shown);  // In the way.
  EXPECT_THROW(run->publish(1), IoError);
  EXPECT_TRUE(files_->exists(hidden_file));

  files_->remove(shown);
  run->publish(1);
  EXPECT_THAT(texts(published()), ElementsAre("one\n"));
}

TEST_F(WriteFiles, WritesDeadLettersInAnyFormat) {
  const auto sink = io::write_files(out(), csv<DeadLetter>(), kRollAtEach);
  SinkRun<DeadLetter> run{sink, {files_.get(), &clock_}, 1};
  run.participant().restore(std::nullopt, "");
  run.write(0, {{"a;b", "lines", "a.txt", 7, "no number"}, {"x", "map", "", {}, "bad"}});
  run.checkpoint(1);

  EXPECT_THAT(texts(published()), ElementsAre("bytes,node,split,position,reason\n"
                                              "a;b,lines,a.txt,7,no number\n"
                                              "x,map,,,bad\n"));
}

TEST_F(WriteFiles, KeepsTheDirectoryToItsOwner) {
  start(sink());

  EXPECT_EQ(std::filesystem::status(out()).permissions(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace weir::io_test
