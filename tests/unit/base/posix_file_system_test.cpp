// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>

#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A directory of its own for each test, gone afterwards.
class PosixFileSystem : public testing::Test {
 protected:
  PosixFileSystem() {
    std::string pattern = testing::TempDir() + "weir-files-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~PosixFileSystem() override { files_->remove_all(root_); }

  std::string path(const std::string& name) const { return join_path(root_, name); }

  void write_file(const std::string& name, const std::string& text) {
    const auto file = files_->create(path(name));
    file->write(text);
    file->close();
  }

  std::string text_of(const std::string& name) {
    return files_->open_read(path(name))->read_at(0, 1'000'000);
  }

  std::unique_ptr<FileSystem> files_ = posix_file_system();
  std::string root_;
};

TEST_F(PosixFileSystem, ReadsBackWhatWasWritten) {
  const auto file = files_->create(path("a"));
  file->write("hello ");
  file->write("world");
  EXPECT_EQ(file->size(), 11U);
  file->sync();
  file->close();

  EXPECT_EQ(text_of("a"), "hello world");
  EXPECT_EQ(files_->file_size(path("a")), 11U);
}

TEST_F(PosixFileSystem, DoesNotCreateAFileThatExists) {
  write_file("a", "kept");
  EXPECT_THROW(files_->create(path("a")), IoError);
  EXPECT_EQ(text_of("a"), "kept");
}

TEST_F(PosixFileSystem, GoesOnAtTheEndOfAFile) {
  write_file("a", "one");
  const auto file = files_->open_append(path("a"));
  EXPECT_EQ(file->size(), 3U);

  file->write(" two");

  EXPECT_EQ(text_of("a"), "one two");
}

TEST_F(PosixFileSystem, WritesOnWhereAFileWasCutOff) {
  write_file("a", "committed and not");
  const auto file = files_->open_append(path("a"));

  file->truncate(9);
  EXPECT_EQ(file->size(), 9U);
  file->write("!");

  EXPECT_EQ(text_of("a"), "committed!");
}

TEST_F(PosixFileSystem, ReadsAtAnyPlaceAndNothingBehindTheEnd) {
  write_file("a", "0123456789");
  const auto file = files_->open_read(path("a"));

  EXPECT_EQ(file->size(), 10U);
  EXPECT_EQ(file->read_at(3, 4), "3456");
  EXPECT_EQ(file->read_at(8, 100), "89");
  EXPECT_EQ(file->read_at(10, 1), "");
  EXPECT_EQ(file->read_at(1'000, 1), "");
  char bytes[4] = {};
  EXPECT_EQ(file->read_at(7, bytes, sizeof bytes), 3U);
  EXPECT_EQ(std::string(bytes, 3), "789");
}

TEST_F(PosixFileSystem, ListsNamesInOrder) {
  write_file("b", "");
  write_file(".hidden", "");
  write_file("a", "");
  files_->create_directories(path("c"));
  EXPECT_THAT(files_->list(root_), ElementsAre(".hidden", "a", "b", "c"));
}

TEST_F(PosixFileSystem, MakesDirectoriesForTheirOwnerOnly) {
  files_->create_directories(path("a/b/c"));

  EXPECT_TRUE(files_->is_directory(path("a/b/c")));
  struct stat status {};
  ASSERT_EQ(stat(path("a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(PosixFileSystem, MakesADirectoryThatIsThereAlready) {
  files_->create_directories(path("a/"));
  EXPECT_NO_THROW(files_->create_directories(path("a")));
  EXPECT_NO_THROW(files_->create_directories("/"));
}

TEST_F(PosixFileSystem, MakesNoDirectoryWhereAFileIs) {
  write_file("a", "");
  EXPECT_THROW(files_->create_directories(path("a")), IoError);
  EXPECT_THROW(files_->create_directories(path("a/b")), IoError);
}

TEST_F(PosixFileSystem, RenamesOverAnotherFile) {
  write_file("a", "new");
  write_file("b", "old");

  files_->rename(path("a"), path("b"));
  files_->sync_directory(root_);

  EXPECT_FALSE(files_->exists(path("a")));
  EXPECT_EQ(text_of("b"), "new");
}

TEST_F(PosixFileSystem, LinksAFileToASecondName) {
  write_file("a", "text");
  ASSERT_TRUE(files_->link(path("a"), path("b")));
  files_->remove(path("a"));
  EXPECT_EQ(text_of("b"), "text");
}

TEST_F(PosixFileSystem, LinksAndCopiesOverNothing) {
  write_file("a", "new");
  write_file("b", "kept");
  EXPECT_THROW(files_->link(path("a"), path("b")), IoError);
  EXPECT_THROW(files_->copy(path("a"), path("b")), IoError);
  EXPECT_EQ(text_of("b"), "kept");
}

TEST_F(PosixFileSystem, CopiesAFileLargerThanItsBuffer) {
  const std::string text(3'000'000, 'x');
  write_file("a", text + "end");

  files_->copy(path("a"), path("b"));

  EXPECT_EQ(files_->file_size(path("b")), text.size() + 3);
  EXPECT_EQ(files_->open_read(path("b"))->read_at(text.size(), 10), "end");
}

TEST_F(PosixFileSystem, RemovesWhatIsThereAndSaysWhetherItWas) {
  write_file("a", "");
  EXPECT_TRUE(files_->remove(path("a")));
  EXPECT_FALSE(files_->remove(path("a")));
  EXPECT_FALSE(files_->remove(path("none/a")));
}

TEST_F(PosixFileSystem, RemovesATreeButNotWhatItsLinksPointTo) {
  files_->create_directories(path("tree/deep"));
  write_file("tree/deep/a", "");
  write_file("kept", "text");
  files_->create_directories(path("kept-folder"));
  ASSERT_EQ(symlink(path("kept-folder").c_str(), path("tree/link").c_str()), 0);

  files_->remove_all(path("tree"));
  files_->remove_all(path("tree"));

  EXPECT_FALSE(files_->exists(path("tree")));
  EXPECT_TRUE(files_->exists(path("kept-folder")));
}

TEST_F(PosixFileSystem, SaysWhichCallFailedOnWhichFileAndWhy) {
  EXPECT_THAT([&] { files_->open_read(path("none")); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("cannot open '" + path("none") + "'"),
                                           HasSubstr("No such file or directory"))));
  EXPECT_THROW(files_->list(path("none")), IoError);
  EXPECT_THROW(files_->file_size(path("none")), IoError);
  EXPECT_THROW(files_->sync_directory(path("none")), IoError);
  EXPECT_THROW(files_->rename(path("none"), path("a")), IoError);
  EXPECT_THROW(files_->copy(path("none"), path("a")), IoError);
  EXPECT_THROW(files_->link(path("none"), path("a")), IoError);
  EXPECT_THROW(files_->lock(path("none/lock"), ""), IoError);
}

TEST_F(PosixFileSystem, SaysThatTheDiskIsFull) {
  if (!files_->exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const auto file = files_->open_append("/dev/full");
  EXPECT_THAT([&] { file->write("x"); },
              ThrowsMessage<IoError>(
                  AllOf(HasSubstr("cannot write to '/dev/full'"), HasSubstr("the disk is full"))));
}

TEST_F(PosixFileSystem, LocksAgainstASecondHolderAndNamesTheFirst) {
  const auto lock = files_->lock(path("lock"), "job 'alerts'");
  EXPECT_THAT(
      [&] { files_->lock(path("lock"), "job 'other'"); },
      ThrowsMessage<LockedError>(AllOf(HasSubstr("process " + std::to_string(getpid()) + " on "),
                                       HasSubstr("job 'alerts'"), HasSubstr(path("lock")))));
}

TEST_F(PosixFileSystem, LocksAgainWhenTheHolderIsGone) {
  files_->lock(path("lock"), "first").reset();
  EXPECT_NO_THROW(files_->lock(path("lock"), "second"));
}

TEST_F(PosixFileSystem, FreesTheLockOfAProcessThatDied) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = files_->lock(path("lock"), "child");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_TRUE(files_->exists(path("lock")));

  EXPECT_NO_THROW(files_->lock(path("lock"), "parent"));
}

TEST(Paths, AreJoinedAndTakenApart) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(parent_path("a/b"), "a");
  EXPECT_EQ(parent_path("/b"), "/");
  EXPECT_EQ(parent_path("b"), ".");
}

}  // namespace
}  // namespace weir
