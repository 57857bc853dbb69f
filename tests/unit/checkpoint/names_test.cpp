// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/names.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

TEST(CheckpointNames, FileNameIsReadBack) {
  const CheckpointName name{"00ff", CheckpointId{12}};
  const std::string file = checkpoint_file({"words", "0"}, name);
  EXPECT_EQ(file, "words/0/00ff-12.ckpt");
  EXPECT_EQ(find_checkpoint_name(file), name);
}

TEST(CheckpointNames, OtherFilesAreNoCheckpoints) {
  for (const char* file : {"words/0/00ff-12", "words/0/00ff.ckpt", "00ff-x.ckpt", "-1.ckpt",
                           "words/0/00ff-12.base/s-1/a.sst", "00ff--.ckpt"}) {
    EXPECT_EQ(find_checkpoint_name(file), std::nullopt) << file;
  }
}

TEST(CheckpointNames, OddLettersOfAJobAreEscaped) {
  EXPECT_EQ(instance_folder({"../a b", "0"}), "%2e.%2fa%20b/0");
  EXPECT_EQ(instance_folder({"", "."}), "%/%2e");
  EXPECT_EQ(instance_folder({"savepoints", "0"}), "%savepoints/0");
}

TEST(CheckpointNames, BaseLiesBesideTheCheckpoints) {
  EXPECT_EQ(base_folder({"words", "0"}, {"00ff", CheckpointId{4}}, "by word", ShardId{3}),
            "words/0/00ff-4.base/by%20word-3");
}

TEST(CheckpointNames, SavepointNameIsChecked) {
  EXPECT_EQ(savepoint_file("v1.2_final-x", "0"), "savepoints/v1.2_final-x/0.savepoint");
  for (const char* name : {"", ".", "..", "a/b", "-a", "a b"}) {
    EXPECT_THROW(savepoint_file(name, "0"), ConfigError) << name;
  }
}

TEST(CheckpointNames, TimelineHasSixteenDigits) {
  EXPECT_EQ(timeline_name(0), "0000000000000000");
  EXPECT_EQ(timeline_name(0x12ab), "00000000000012ab");
}

}  // namespace
}  // namespace weir::inline v0::detail
