// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "weir/error.hpp"
#include "weir/testing/sim_disk.hpp"

namespace weir::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

constexpr std::uint64_t kSeeds = 40;

void write_file(FileSystem& files, const std::string& path, const std::string& text) {
  const auto file = files.create(path);
  file->write(text);
  file->close();
}

void write_durable(FileSystem& files, const std::string& path, const std::string& text) {
  const auto file = files.create(path);
  file->write(text);
  file->sync();
  files.sync_directory(parent_path(path));
}

/// What is left of "a" over many seeds: its content, or "-" when it is gone.
std::set<std::string> outcomes(void (*work)(SimDisk&)) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Effects effects;
    SimDisk disk{effects, {.seed = seed, .capacity_bytes = {}}};
    work(disk);
    disk.crash();
    found.insert(disk.exists("a") ? disk.content("a") : "-");
  }
  return found;
}

TEST(SimDisk, ReadsBackWhatWasWritten) {
  Effects effects;
  SimDisk disk{effects};
  write_file(disk, "a", "hello");
  EXPECT_EQ(disk.open_read("a")->read_at(1, 3), "ell");
  EXPECT_EQ(disk.file_size("/./a"), 5U);
}

TEST(SimDisk, SyncedFileInSyncedDirectorySurvives) {
  EXPECT_THAT(outcomes([](SimDisk& disk) { write_durable(disk, "a", "xyz"); }), ElementsAre("xyz"));
}

TEST(SimDisk, UnsyncedFileKeepsAPrefixOrVanishes) {
  const auto found = outcomes([](SimDisk& disk) { write_file(disk, "a", "xyz"); });
  EXPECT_THAT(found, Contains("-"));
  EXPECT_THAT(found, Contains(""));
  EXPECT_THAT(found, Contains("xyz"));
  EXPECT_GT(found.size(), 3U);
}

TEST(SimDisk, SyncOfAFileDoesNotKeepItsName) {
  EXPECT_THAT(outcomes([](SimDisk& disk) { disk.create("a")->sync(); }), ElementsAre("", "-"));
}

TEST(SimDisk, SyncedBytesStayWhateverIsAppended) {
  const auto found = outcomes([](SimDisk& disk) {
    write_durable(disk, "a", "xy");
    disk.open_append("a")->write("zw");
  });
  EXPECT_THAT(found, ElementsAre("xy", "xyz", "xyzw"));
}

TEST(SimDisk, UnsyncedTruncationMayOrMayNotHold) {
  const auto found = outcomes([](SimDisk& disk) {
    write_durable(disk, "a", "xyz");
    disk.open_append("a")->truncate(1);
  });
  EXPECT_THAT(found, ElementsAre("x", "xyz"));
}

TEST(SimDisk, RenameReplacesWholeOrNotAtAll) {
  const auto found = outcomes([](SimDisk& disk) {
    write_durable(disk, "a", "old");
    write_durable(disk, "b", "new");
    disk.rename("b", "a");
  });
  EXPECT_THAT(found, ElementsAre("new", "old"));
}

TEST(SimDisk, UnsyncedRemovalMayComeBack) {
  const auto found = outcomes([](SimDisk& disk) {
    write_durable(disk, "a", "x");
    disk.remove("a");
  });
  EXPECT_THAT(found, ElementsAre("-", "x"));
}

TEST(SimDisk, FileInALostDirectoryIsLost) {
  Effects effects;
  SimDisk disk{effects, {.seed = 3, .capacity_bytes = {}}};
  std::set<bool> there;
  for (int round = 0; round < 40; ++round) {
    const std::string directory = "d" + std::to_string(round);
    disk.create_directories(directory);
    write_durable(disk, directory + "/f", "x");
    disk.crash();
    there.insert(disk.exists(directory + "/f"));
  }
  EXPECT_THAT(there, ElementsAre(false, true));
}

TEST(SimDisk, CrashAtAnEffectEndsEverythingUntilRestart) {
  Effects effects{{.seed = 1, .crash_at = 3}};
  SimDisk disk{effects};
  EXPECT_THROW(write_durable(disk, "a", "x"), SimulatedCrash);
  EXPECT_EQ(effects.last(), "3: sync a");
  EXPECT_THROW(disk.exists("a"), SimulatedCrash);
  disk.crash();
  EXPECT_NO_THROW(disk.exists("a"));
}

TEST(SimDisk, HandlesOfADeadProcessAreDead) {
  Effects effects;
  SimDisk disk{effects};
  const auto file = disk.create("a");
  disk.crash();
  EXPECT_THROW(file->write("x"), SimulatedCrash);
}

TEST(SimDisk, FullDiskTakesWhatFitsAndSaysSo) {
  Effects effects;
  SimDisk disk{effects, {.seed = 1, .capacity_bytes = 2}};
  const auto file = disk.create("a");
  EXPECT_THAT([&] { file->write("xyz"); }, ThrowsMessage<IoError>(HasSubstr("No space left")));
  EXPECT_EQ(disk.content("a"), "xy");
}

TEST(SimDisk, FileIsSoundAgainWhenWhatWasNotSyncedIsCutOff) {
  Effects effects;
  SimDisk disk{effects};
  const auto file = disk.create("a");
  file->write("kept");
  file->sync();
  file->write("lost");
  disk.set_sync_fails(true);
  EXPECT_THROW(file->sync(), IoError);
  disk.set_sync_fails(false);
  file->truncate(5);
  EXPECT_THROW(file->sync(), IoError);
  file->truncate(4);
  EXPECT_NO_THROW(file->sync());
}

TEST(SimDisk, FailedSyncStaysFailed) {
  Effects effects;
  SimDisk disk{effects};
  const auto file = disk.create("a");
  disk.set_sync_fails(true);
  EXPECT_THROW(file->sync(), IoError);
  disk.set_sync_fails(false);
  EXPECT_THROW(file->sync(), IoError);
}

TEST(SimDisk, UnreadableFileFailsToOpen) {
  Effects effects;
  SimDisk disk{effects};
  write_file(disk, "a", "x");
  disk.set_unreadable("a", true);
  EXPECT_THAT([&] { disk.open_read("a"); },
              ThrowsMessage<IoError>(HasSubstr("'a': Permission denied")));
}

TEST(SimDisk, LockExcludesAndACrashFreesIt) {
  Effects effects;
  SimDisk disk{effects};
  const auto lock = disk.lock("l", "job words");
  EXPECT_THAT([&] { disk.lock("l", ""); }, ThrowsMessage<LockedError>(HasSubstr("job words")));
  disk.sync_directory(".");
  disk.crash();
  EXPECT_NO_THROW(disk.lock("l", ""));
}

TEST(SimDisk, RemoveAllTakesDirectoriesWithTheirFiles) {
  Effects effects;
  SimDisk disk{effects};
  disk.create_directories("d/e");
  write_file(disk, "d/e/f", "x");
  EXPECT_THROW(disk.remove("d"), IoError);
  disk.remove_all("d");
  EXPECT_FALSE(disk.exists("d"));
  EXPECT_THAT(disk.all_files(), Not(Contains("d/e/f")));
}

TEST(SimDisk, LinkIsASecondNameOfOneFile) {
  Effects effects;
  SimDisk disk{effects};
  write_file(disk, "a", "x");
  EXPECT_TRUE(disk.link("a", "b"));
  disk.remove("a");
  EXPECT_EQ(disk.content("b"), "x");
  EXPECT_THROW(disk.link("b", "b"), IoError);
}

TEST(SimDisk, DeclinesLinksWhereThereAreNone) {
  Effects effects;
  SimDisk disk{effects, {.seed = 1, .capacity_bytes = {}, .has_links = false}};
  write_file(disk, "a", "x");
  EXPECT_FALSE(disk.link("a", "b"));
}

}  // namespace
}  // namespace weir::testing
