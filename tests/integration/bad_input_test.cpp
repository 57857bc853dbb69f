// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "integration/job_harness.hpp"

namespace weir::inline v0 {
namespace {

using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Topology print_lines(const std::string& path) {
  Topology topology{"lines"};
  topology.source("lines", io::read_lines(path)).for_each("ignore", [](const std::string&) {});
  return topology;
}

TEST(BadInput, AMissingFileIsNamed) {
  const ScratchDirectory scratch;
  const std::string error = error_of<IoError>(print_lines(scratch / "absent.txt"), {.workers = 1});
  EXPECT_TRUE(contains(error, "absent.txt")) << error;
}

TEST(BadInput, AllFaultsOfTopologyAndOptionsComeAtOnce) {
  Topology topology{"faulty"};
  const auto numbers = topology.source("numbers", io::values<int>({1}));
  numbers.key_by([](const int& n) { return n; })
      .window(tumbling({.size = 1h}))
      .count()
      .for_each("same", [](const Windowed<int, std::int64_t>&) {});
  numbers.for_each("same", [](const int&) {});
  const std::string error = error_of<ConfigError>(std::move(topology), {.shards = 0});
  EXPECT_TRUE(contains(error, "event_time")) << error;
  EXPECT_TRUE(contains(error, "same")) << error;
  EXPECT_TRUE(contains(error, "shards is 0")) << error;
}

TEST(BadInput, ExactlyOnceWithASinkThatCannotKeepItIsRefused) {
  const ScratchDirectory scratch;
  JobOptions options = with_checkpoints(scratch / "c");
  options.guarantee = Guarantee::exactly_once;
  const std::string error = error_of<ConfigError>(print_lines("/dev/null"), options);
  EXPECT_TRUE(contains(error, "sink 'ignore' keeps at_least_once at most")) << error;
}

TEST(BadInput, ACheckpointDirectoryInUseNamesItsHolder) {
  const ScratchDirectory scratch;
  Totals totals;
  Job first{count_by_digit(numbers(1'000'000, 1'000), totals), with_checkpoints(scratch / "c")};
  first.start();
  while (first.status().state == JobState::created || first.status().state == JobState::starting) {
    first.wait_for(1ms);
  }
  const std::string error =
      error_of<LockedError>(count_by_digit(numbers(10), totals), with_checkpoints(scratch / "c"));
  EXPECT_TRUE(contains(error, std::to_string(getpid()))) << error;
  first.cancel();
}

TEST(BadInput, ACheckpointOfAnotherTopologyIsRefusedWithTheDifferences) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(100), totals), with_checkpoints(scratch / "c")}.run();

  Topology changed{"digits"};
  changed.source("numbers", numbers(100))
      .key_by([](const std::uint64_t& number) { return number % 10; })
      .count()
      .named("renamed")
      .changes()
      .for_each("keep", [](const Change<std::uint64_t, std::int64_t>&) {});
  const std::string error =
      error_of<IncompatibleState>(std::move(changed), with_checkpoints(scratch / "c"));
  EXPECT_TRUE(contains(error, "node 'count'")) << error;
  EXPECT_TRUE(contains(error, "restore.drop_removed_nodes")) << error;
}

TEST(BadInput, AChangedTypeOfStateIsRefused) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(100), totals), with_checkpoints(scratch / "c")}.run();

  Topology changed{"digits"};
  changed.source("numbers", numbers(100))
      .key_by([](const std::uint64_t& number) { return std::to_string(number % 10); })
      .aggregate(std::string{}, [](std::string& value, const std::uint64_t&) { value += 'x'; })
      .named("count")
      .changes()
      .for_each("keep", [](const Change<std::string, std::string>&) {});
  const std::string error =
      error_of<IncompatibleState>(std::move(changed), with_checkpoints(scratch / "c"));
  EXPECT_TRUE(contains(error, "count")) << error;
}

TEST(BadInput, AnotherNumberOfShardsIsRefusedUnlessFromASavepoint) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(100), totals), with_checkpoints(scratch / "c")}.run();
  JobOptions options = with_checkpoints(scratch / "c");
  options.shards = 3;
  const std::string error =
      error_of<IncompatibleState>(count_by_digit(numbers(100), totals), options);
  EXPECT_TRUE(contains(error, "8 shards")) << error;
  EXPECT_TRUE(contains(error, "3 shards")) << error;
}

TEST(BadInput, ADirectoryThatCannotBeMadeIsNamed) {
  const ScratchDirectory scratch;
  scratch.write("file", "in the way");
  Totals totals;
  const std::string error =
      error_of<IoError>(count_by_digit(numbers(100), totals), with_checkpoints(scratch / "file/c"));
  EXPECT_TRUE(contains(error, scratch / "file")) << error;
}

TEST(BadInput, ADamagedCheckpointIsFound) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(1'000), totals), with_checkpoints(scratch / "c")}.run();
  for (const auto& entry : std::filesystem::recursive_directory_iterator{scratch / "c"}) {
    if (entry.path().extension() != ".ckpt") continue;
    std::fstream file{entry.path(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put('\x55').put('\xaa').put('\x55');
  }
  const std::string error = error_of<CorruptState>(count_by_digit(numbers(1'000), totals),
                                                   with_checkpoints(scratch / "c"));
  EXPECT_TRUE(contains(error, ".ckpt")) << error;
}

TEST(BadInput, CheckpointDirectoriesAreForTheirOwnerOnly) {
  const ScratchDirectory scratch;
  Totals totals;
  Job{count_by_digit(numbers(100), totals), with_checkpoints(scratch / "c")}.run();
  struct stat status {};
  ASSERT_EQ(stat((scratch / "c").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

}  // namespace
}  // namespace weir::inline v0
