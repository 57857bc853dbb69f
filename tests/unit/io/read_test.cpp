// SPDX-License-Identifier: Apache-2.0
#include "weir/io/read.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/waker.hpp"
#include "tests/unit/io/reading.hpp"
#include "tests/unit/io/temp_files.hpp"
#include "weir/csv.hpp"
#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/sim_disk.hpp"

namespace weir::io_test {

struct Fruit {
  std::string name;
  std::int64_t price = 0;
  friend bool operator==(const Fruit&, const Fruit&) = default;
};

}  // namespace weir::io_test

WEIR_FIELDS(weir::io_test::Fruit, name, price);

namespace weir::io_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;
using Lines = std::vector<std::string>;

class ReadLines : public TempFiles {
 protected:
  std::unique_ptr<SplitReader<std::string>> open_first(Source<std::string>& source) {
    return source.open(source.splits(context())[0], std::nullopt, context());
  }
  SourceContext context() const { return inline_context(files_.get()); }
  Lines lines_of(const std::string& text, const io::ReadOptions& options = {}) {
    return read_all(*io::read_lines(write_file("a.txt", text), options), context());
  }
};

TEST_F(ReadLines, CutsTextAtLineBreaksOfBothKinds) {
  EXPECT_THAT(lines_of("one\ntwo\r\n\nthree\n"), ElementsAre("one", "two", "", "three"));
}

TEST_F(ReadLines, TakesALastLineWithoutALineBreak) {
  EXPECT_THAT(lines_of("one\ntwo"), ElementsAre("one", "two"));
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
}

TEST_F(ReadLines, FindsNothingInAnEmptyFile) { EXPECT_THAT(lines_of(""), IsEmpty()); }

TEST_F(ReadLines, PassesOverEmptyLinesWhenToldTo) {
  EXPECT_THAT(lines_of("\none\n\n\ntwo\n\n", {.skip_empty_lines = true}),
              ElementsAre("one", "two"));
}

TEST_F(ReadLines, ReadsFilesOfADirectorySortedByNameWithoutHiddenOnesAndDirectories) {
  write_file("b", "from b\n");
  write_file("a", "from a\n");
  write_file(".part-c", "hidden\n");
  files_->create_directories(path("below"));
  write_file("below/d", "from below\n");
  const auto source = io::read_lines(root_);

  EXPECT_THAT(source->splits(context()), ElementsAre(SplitId{path("a")}, SplitId{path("b")}));
  EXPECT_THAT(read_all(*source, context()), ElementsAre("from a", "from b"));
}

TEST_F(ReadLines, ReadsAListOfPathsInItsOrder) {
  const std::string second = write_file("2", "two\n");
  const std::string first = write_file("1", "one\n");

  EXPECT_THAT(read_all(*io::read_lines({second, first}), context()), ElementsAre("two", "one"));
}

TEST_F(ReadLines, NamesAFileThatIsNotThere) {
  const auto source = io::read_lines(path("missing.txt"));

  EXPECT_THAT([&] { source->splits(context()); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("missing.txt"), HasSubstr("not there"))));
}

TEST(ReadUnreadable, NamesAFileThatCannotBeRead) {
  weir::testing::Effects effects;
  weir::testing::SimDisk disk{effects};
  disk.create("secret.txt")->write("text\n");
  disk.set_unreadable("secret.txt", true);

  EXPECT_THAT([&] { read_all(*io::read_lines("secret.txt"), inline_context(&disk)); },
              ThrowsMessage<IoError>(HasSubstr("secret.txt")));
}

TEST_F(ReadLines, RefusesOptionsThatCannotBe) {
  EXPECT_THAT(io::read_lines(std::vector<std::string>{})->faults(),
              ElementsAre(HasSubstr("no path")));
  EXPECT_THAT(io::read_lines({"a", "", "a"})->faults(),
              ElementsAre(HasSubstr("empty"), HasSubstr("'a' is to be read twice")));
  EXPECT_THAT(io::read_lines("a", {.max_record_bytes = 0, .split_bytes = 5})->faults(),
              ElementsAre(HasSubstr("max_record_bytes is 0"), HasSubstr("split_bytes is 5")));
  EXPECT_THAT(io::read("a", csv<Fruit>(), {.split_bytes = 1'000'000})->faults(),
              ElementsAre(HasSubstr("split_bytes is 1000000 for a format whose records may")));
  EXPECT_THAT(io::read_lines("a")->faults(), IsEmpty());
}

TEST_F(ReadLines, CountsBytesAndLines) {
  const auto reader = open_first(*io::read_lines(write_file("a.txt", "one\ntwo\nthree\n")));

  EXPECT_EQ(reader->record_number(), 1U);
  EXPECT_EQ(poll_once(*reader, 2).bytes, 8U);
  EXPECT_EQ(reader->record_number(), 3U);
}

TEST_F(ReadLines, ContinuesAtAnyPosition) {
  Lines expected;
  std::string text;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(std::string(static_cast<std::size_t>(i % 5), 'x') + std::to_string(i));
    text += expected.back() + (i % 3 == 0 ? "\r\n" : "\n");
  }
  const auto source = io::read_lines(write_file("a.txt", text));
  for (std::size_t stop = 0; stop <= 20; ++stop) {
    const auto first = open_first(*source);
    Lines seen = stop > 0 ? poll_once(*first, stop).values : Lines{};

    const auto second = source->open(source->splits(context())[0], first->position(), context());

    EXPECT_EQ(second->record_number(), stop + 1);
    for (const std::string& line : read_all(*second)) seen.push_back(line);
    EXPECT_EQ(seen, expected) << "stopped after " << stop;
  }
}

TEST_F(ReadLines, MakesBadRecordsOfLinesThatAreTooLong) {
  const std::string text =
      "short\n" + std::string(100, 'a') + "\n12345678\r\n" + std::string(9, 'b');
  const auto source = io::read_lines(write_file("a.txt", text), {.max_record_bytes = 8});
  const auto reader = open_first(*source);

  Lines good;
  std::vector<RecordBatch<std::string>::Bad> bad;
  for (auto polled = poll_once(*reader); polled.poll != Poll::ended; polled = poll_once(*reader)) {
    good.insert(good.end(), polled.values.begin(), polled.values.end());
    bad.insert(bad.end(), polled.bad.begin(), polled.bad.end());
  }

  EXPECT_THAT(good, ElementsAre("short", "12345678"));
  ASSERT_THAT(bad, SizeIs(2));
  EXPECT_EQ(bad[0].bytes, "aaaaaaaa");
  EXPECT_EQ(bad[0].position, 2U);
  EXPECT_THAT(bad[0].reason, HasSubstr("more than 8 bytes"));
  EXPECT_EQ(bad[1].position, 4U);
}

TEST_F(ReadLines, ReadsUpToTheSizeThatTheFileHadAtFirst) {
  const std::string file = write_file("a.txt", "one\ntwo");
  const auto source = io::read_lines(file);
  const auto first = open_first(*source);
  poll_once(*first, 1);
  files_->open_append(file)->write("and more\nthree\n");

  const auto second = source->open(source->splits(context())[0], first->position(), context());

  EXPECT_THAT(read_all(*second), ElementsAre("two"));
}

TEST_F(ReadLines, SaysThatAFileHasBecomeShorter) {
  const std::string file = write_file("a.txt", "one\ntwo\nthree\n");
  const auto source = io::read_lines(file);
  const auto first = open_first(*source);
  poll_once(*first, 1);
  ASSERT_EQ(truncate(file.c_str(), 5), 0);

  const auto second = source->open(source->splits(context())[0], first->position(), context());

  EXPECT_THAT(
      [&] { poll_once(*second); },
      ThrowsMessage<IoError>(AllOf(HasSubstr("a.txt"), HasSubstr("has 5 bytes and had 14"))));
}

TEST_F(ReadLines, SaysThatAFileBecameShorterWhileItWasRead) {
  const std::string file = write_file("a.txt", std::string(600'000, 'a') + '\n');
  const auto reader = open_first(*io::read_lines(file, {.max_record_bytes = 100}));
  poll_once(*reader);  // Nothing yet: the line is longer than a block.
  const std::string other = write_file("b.txt", std::string(600'000, '\n'));
  const auto second = open_first(*io::read_lines(other));
  poll_once(*second, 1);
  ASSERT_EQ(truncate(other.c_str(), 300'000), 0);

  EXPECT_THAT([&] { read_all(*second, 100'000); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("b.txt"), HasSubstr("ends at 300000"))));
}

TEST_F(ReadLines, SaysThatAFileIsNotTheOneOfTheCheckpoint) {
  const auto source = io::read_lines(write_file("a.txt", "one\ntwo\nthree\n"));
  const auto first = open_first(*source);
  poll_once(*first, 2);
  write_file("a.txt", "one\nTWO\nthree\n");

  const auto second = source->open(source->splits(context())[0], first->position(), context());

  EXPECT_THAT([&] { poll_once(*second); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("a.txt"), HasSubstr("not what it was"))));
}

TEST_F(ReadLines, RefusesAPositionThatIsNone) {
  const auto source = io::read_lines(write_file("a.txt", "one\n"));
  const SplitId split = source->splits(context())[0];

  EXPECT_THROW(source->open(split, Position{"\x09"}, context()), CorruptState);
  EXPECT_THROW(source->open(split, Position{""}, context()), CorruptState);
}

TEST_F(ReadLines, CutsLinesThatLieInTwoBlocks) {
  Random random{11};
  std::string text;
  Lines expected;
  while (text.size() < 2'000'000) {
    expected.push_back(std::string(random.below(3'000), 'x') + std::to_string(expected.size()));
    text += expected.back() + '\n';
  }

  EXPECT_EQ(lines_of(text, {.read_ahead_bytes = 1}), expected);
}

TEST_F(ReadLines, SplitsOfOneFileHaveEachLineOnce) {
  Random random{7};
  std::string text;
  Lines expected;
  while (text.size() < 300'000) {
    expected.push_back(std::string(random.below(2'000), 'x') + std::to_string(expected.size()));
    text += expected.back() + '\n';
  }
  const auto source = io::read_lines(write_file("a.txt", text), {.split_bytes = 64 * 1024});

  EXPECT_THAT(source->splits(context()), SizeIs(5));
  EXPECT_EQ(read_all(*source, context()), expected);
}

TEST_F(ReadLines, ASplitStartsAtALineThatBeginsExactlyThere) {
  const std::string text = std::string(65'535, 'a') + "\n" + std::string(65'536, 'b') + "\nc\n";
  const auto source = io::read_lines(write_file("a.txt", text), {.split_bytes = 65'536});
  const std::vector<SplitId> splits = source->splits(context());

  ASSERT_THAT(splits, SizeIs(3));
  EXPECT_THAT(read_all(*source->open(splits[0], std::nullopt, context())), SizeIs(1));
  EXPECT_THAT(read_all(*source->open(splits[1], std::nullopt, context())), SizeIs(1));
  EXPECT_THAT(read_all(*source->open(splits[2], std::nullopt, context())), ElementsAre("c"));
}

TEST_F(ReadLines, ASplitOfAFileContinuesAtItsPosition) {
  std::string text;
  while (text.size() < 200'000) text += std::to_string(text.size()) + '\n';
  const auto source = io::read_lines(write_file("a.txt", text), {.split_bytes = 65'536});
  const SplitId split = source->splits(context())[1];
  const auto whole = read_all(*source->open(split, std::nullopt, context()));
  const auto untouched = source->open(split, std::nullopt, context());

  const auto again = source->open(split, untouched->position(), context());
  Lines seen = poll_once(*again, 10).values;
  const auto last = source->open(split, again->position(), context());
  for (const std::string& line : read_all(*last)) seen.push_back(line);

  EXPECT_EQ(seen, whole);
}

TEST_F(ReadLines, RefusesSplitsOfAnotherSize) {
  const auto source = io::read_lines(write_file("a.txt", "a\n"), {.split_bytes = 65'536});

  EXPECT_THAT([&] { source->open({path("a.txt") + "@0+70000"}, std::nullopt, context()); },
              ThrowsMessage<IncompatibleState>(HasSubstr("not made with split_bytes = 65536")));
}

/// Polls until the end, and sleeps whenever it is told to.
Lines read_waiting(SplitReader<std::string>& reader, Waker& waker) {
  Lines all;
  while (true) {
    waker.prepare();
    auto polled = poll_once(reader);
    if (polled.poll == Poll::pending || polled.poll == Poll::nothing) {
      if (!waker.park(std::chrono::seconds{20})) return {"nobody called wake()"};
      continue;
    }
    waker.cancel();
    if (polled.poll == Poll::ended) return all;
    for (std::string& line : polled.values) all.push_back(std::move(line));
  }
}

TEST_F(ReadLines, ReadsOnAThreadOfItsOwnAndWakesTheWorker) {
  Lines expected;
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    expected.push_back("line " + std::to_string(i));
    text += expected.back() + '\n';
  }
  Waker waker;
  SourceContext threaded = context();
  threaded.inline_io = false;
  threaded.wake = [&waker] { waker.wake(); };
  const auto source = io::read_lines(write_file("a.txt", text));
  const auto reader = source->open(source->splits(threaded)[0], std::nullopt, threaded);

  EXPECT_EQ(read_waiting(*reader, waker), expected);
}

TEST_F(ReadLines, CarriesAnErrorOfItsThreadToTheWorker) {
  Waker waker;
  SourceContext threaded = context();
  threaded.inline_io = false;
  threaded.wake = [&waker] { waker.wake(); };
  const auto source = io::read_lines(write_file("a.txt", "text\n"));
  const std::vector<SplitId> splits = source->splits(threaded);
  const auto first = source->open(splits[0], std::nullopt, threaded);
  const Position position = first->position();
  files_->remove(path("a.txt"));
  const auto reader = source->open(splits[0], position, threaded);

  EXPECT_THAT([&] { read_waiting(*reader, waker); }, ThrowsMessage<IoError>(HasSubstr("a.txt")));
}

TEST_F(ReadLines, ReadersOfManyFilesCanBeDroppedAtAnyTime) {
  SourceContext threaded = context();
  threaded.inline_io = false;
  for (int i = 0; i < 20; ++i) {
    write_file("f" + std::to_string(i), std::string(100'000, '\n'));
  }
  const auto source = io::read_lines(root_);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<SplitReader<std::string>>> readers;
    for (const SplitId& split : source->splits(threaded)) {
      readers.push_back(source->open(split, std::nullopt, threaded));
      poll_once(*readers.back());
    }
  }
}

TEST_F(ReadLines, KeepsNoMoreThanAFewHundredFilesOpen) {
  for (int i = 0; i < 300; ++i) write_file("f" + std::to_string(i), "line\n");
  const auto source = io::read_lines(root_);
  std::vector<std::unique_ptr<SplitReader<std::string>>> readers;
  for (const SplitId& split : source->splits(context())) {
    readers.push_back(source->open(split, std::nullopt, context()));
    EXPECT_THAT(poll_once(*readers.back()).values, ElementsAre("line"));
  }
  // Descriptors are given out from below.
  const int next = dup(0);
  close(next);
  EXPECT_LT(next, 280);
}

TEST(ReadStream, GivesLinesWithoutPositions) {
  std::istringstream input{"one\ntwo\nthree"};
  const auto source = io::read_lines(input);

  EXPECT_FALSE(source->is_replayable());
  EXPECT_THAT(read_all(*source, inline_context()), ElementsAre("one", "two", "three"));
}

TEST(ReadStream, GoesOnWhereAFailedAttemptHasRead) {
  std::istringstream input{"name,price\napple,1\npear,2\n"};
  const auto source = io::read(input, csv<Fruit>());
  const SplitId split = source->splits(inline_context())[0];
  poll_once(*source->open(split, std::nullopt, inline_context()), 1);

  const auto second = source->open(split, std::nullopt, inline_context());

  EXPECT_THAT(read_all(*second), IsEmpty());  // At most once: the first one has read it all.
}

/// Both ends of a pipe.
struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
  }
  void write_text(const std::string& text) const {
    EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

std::shared_ptr<Source<std::string>> lines_of(int descriptor) {
  return std::make_shared<detail::StreamSource<std::string>>(
      descriptor, text(), detail::RawOptions{.max_record_bytes = 100},
      detail::DecodeOptions{.max_record_bytes = 100});
}

TEST(ReadDescriptor, GivesLinesAsTheyComeAndIsIdleBetween) {
  const Pipe pipe;
  Waker waker;
  SourceContext context = inline_context();
  context.inline_io = false;
  context.wake = [&waker] { waker.wake(); };
  const auto source = lines_of(pipe.ends[0]);
  const auto reader = source->open({"input"}, std::nullopt, context);

  EXPECT_EQ(poll_once(*reader).poll, Poll::nothing);
  waker.prepare();
  pipe.write_text("one\ntw");
  ASSERT_TRUE(waker.park(std::chrono::seconds{20}));
  EXPECT_THAT(poll_once(*reader).values, ElementsAre("one"));
  EXPECT_EQ(poll_once(*reader).poll, Poll::nothing);
}

TEST(ReadDescriptor, EndsWithTheInput) {
  Pipe pipe;
  Waker waker;
  SourceContext context = inline_context();
  context.inline_io = false;
  context.wake = [&waker] { waker.wake(); };
  const auto source = lines_of(pipe.ends[0]);
  const auto reader = source->open({"input"}, std::nullopt, context);

  pipe.write_text("one\ntwo");
  pipe.end();

  EXPECT_THAT(read_waiting(*reader, waker), ElementsAre("one", "two"));
}

TEST(ReadDescriptor, ADroppedReaderDoesNotWaitForInput) {
  const Pipe pipe;
  SourceContext context = inline_context();
  context.inline_io = false;
  const auto source = lines_of(pipe.ends[0]);

  source->open({"input"}, std::nullopt, context).reset();  // Would hang otherwise.
}

class ReadCsv : public ReadLines {
 protected:
  std::vector<Fruit> fruit_of(const std::string& text) {
    return read_all(*io::read(write_file("a.csv", text), csv<Fruit>()), context());
  }
};

TEST_F(ReadCsv, DecodesRecordsByTheHeaderOfTheirFile) {
  EXPECT_THAT(fruit_of("price,name\n1,apple\n2,pear\n"),
              ElementsAre(Fruit{"apple", 1}, Fruit{"pear", 2}));
}

TEST_F(ReadCsv, KeepsLineBreaksInQuotedCells) {
  EXPECT_THAT(fruit_of("name,price\n\"a \"\"big\"\"\r\napple\",1\r\npear,2"),
              ElementsAre(Fruit{"a \"big\"\r\napple", 1}, Fruit{"pear", 2}));
}

TEST_F(ReadCsv, KnowsTheHeaderWhenItContinues) {
  const auto source =
      io::read(write_file("a.csv", "price,name\n1,apple\n2,pear\n3,fig\n"), csv<Fruit>());
  const SplitId split = source->splits(context())[0];
  const auto first = source->open(split, std::nullopt, context());
  poll_once(*first, 1);

  const auto second = source->open(split, first->position(), context());

  EXPECT_EQ(second->record_number(), 3U);
  EXPECT_THAT(read_all(*second), ElementsAre(Fruit{"pear", 2}, Fruit{"fig", 3}));
}

TEST_F(ReadCsv, MakesBadRecordsOfWhatCannotBeDecoded) {
  const auto source =
      io::read(write_file("a.csv", "name,price\napple,1\npear,cheap\nfig,3\n"), csv<Fruit>());
  const auto reader = source->open(source->splits(context())[0], std::nullopt, context());

  const auto first = poll_once(*reader);
  const auto second = poll_once(*reader);

  EXPECT_THAT(first.values, ElementsAre(Fruit{"apple", 1}));
  ASSERT_THAT(first.bad, SizeIs(1));
  EXPECT_EQ(first.bad[0].bytes, "pear,cheap");
  EXPECT_EQ(first.bad[0].position, 3U);
  EXPECT_THAT(second.values, ElementsAre(Fruit{"fig", 3}));
}

TEST_F(ReadCsv, NamesAFileWhoseHeaderDoesNotFit) {
  EXPECT_THAT([&] { fruit_of("name,colour\napple,red\n"); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("a.csv"), HasSubstr("header"))));
}

TEST_F(ReadCsv, FindsNothingInFilesWithoutRecords) {
  EXPECT_THAT(fruit_of(""), IsEmpty());
  EXPECT_THAT(fruit_of("name,price\n"), IsEmpty());
}

TEST_F(ReadCsv, AQuoteThatIsNeverClosedDoesNotSwallowTheFile) {
  std::string text = "name,price\n\"apple,1\n";
  for (int i = 0; i < 100; ++i) text += "pear,2\n";
  const auto source = io::read(write_file("a.csv", text), csv<Fruit>(), {.max_record_bytes = 64});
  const auto reader = source->open(source->splits(context())[0], std::nullopt, context());

  std::size_t good = 0;
  std::size_t bad = 0;
  for (auto polled = poll_once(*reader); polled.poll != Poll::ended; polled = poll_once(*reader)) {
    good += polled.values.size();
    bad += polled.bad.size();
  }

  EXPECT_EQ(bad, 1U);
  EXPECT_GT(good, 80U);
}

TEST_F(ReadCsv, LetsErrorsOfTheFormatThroughAndNamesTheRecord) {
  const auto format = weir::format<int>({.name = "moody",
                                         .decode = [](std::string_view bytes) -> int {
                                           if (bytes == "c") throw std::runtime_error{"no"};
                                           return 1;
                                         },
                                         .encode = nullptr});
  const auto source = io::read(write_file("a", "a\nb\nc\n"), format);
  const auto reader = source->open(source->splits(context())[0], std::nullopt, context());

  EXPECT_THROW(poll_once(*reader), std::runtime_error);
  EXPECT_EQ(reader->record_number(), 3U);
}

}  // namespace
}  // namespace weir::io_test
