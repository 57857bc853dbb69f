// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "checkpoint/checkpoint_file.hpp"
#include "tests/unit/checkpoint/fixtures.hpp"
#include "weir/file_system.hpp"

// Files of the first release, kept for ever: every later version must read them. A new format gets
// files of its own beside these. WEIR_WRITE_GOLDEN=1 writes those that are missing; one that is
// there is never written again.

namespace weir::inline v0::detail {
namespace {

constexpr const char* kFolder = "tests/unit/checkpoint/golden";
constexpr const char* kCheckpoint = "format-1.ckpt";
constexpr const char* kSavepoint = "format-1.savepoint";

/// The bytes of a golden file, as an object in a storage of its own.
std::unique_ptr<Machine> machine_with(const std::string& name) {
  auto machine = std::make_unique<Machine>();
  const auto file = posix_file_system()->open_read(join_path(kFolder, name));
  machine->storage->put_if_absent(name, stream_of({file->read_at(0, 1'000'000)}));
  return machine;
}

std::string written_now(const std::string& name, CheckpointContent& content) {
  const Machine machine;
  if (name == kCheckpoint) {
    write_checkpoint_file(*machine.storage, name, content,
                          {stream_of({"first delta"}), stream_of({"second delta"})});
  } else {
    write_savepoint_file(*machine.storage, name, content,
                         {stream_of({"first state"}), stream_of({"second state"})});
  }
  const std::string bytes = machine.disk->content("data/" + name);
  const auto files = posix_file_system();
  const std::string path = join_path(kFolder, name);
  if (std::getenv("WEIR_WRITE_GOLDEN") != nullptr && !files->exists(path)) {
    files->create(path)->write(bytes);
  }
  return bytes;
}

std::string golden_bytes(const std::string& name) {
  return posix_file_system()->open_read(join_path(kFolder, name))->read_at(0, 1'000'000);
}

TEST(GoldenFile, CheckpointIsWrittenAsItAlwaysWas) {
  CheckpointContent content = full_content();
  const std::string bytes = written_now(kCheckpoint, content);
  EXPECT_EQ(bytes, golden_bytes(kCheckpoint));
}

TEST(GoldenFile, SavepointIsWrittenAsItAlwaysWas) {
  CheckpointContent content = full_content();
  const std::string bytes = written_now(kSavepoint, content);
  EXPECT_EQ(bytes, golden_bytes(kSavepoint));
}

TEST(GoldenFile, CheckpointIsRead) {
  const auto machine = machine_with(kCheckpoint);
  CheckpointContent expected = full_content();
  written_now(kCheckpoint, expected);
  const CheckpointContent content = read_checkpoint_file(*machine->storage, kCheckpoint);
  EXPECT_EQ(content, expected);
  const auto delta = open_section(*machine->storage, content.shards[1].deltas.back().section,
                                  FileKind::checkpoint);
  EXPECT_EQ(read_all(*delta), "second delta");
}

TEST(GoldenFile, SavepointIsRead) {
  const auto machine = machine_with(kSavepoint);
  CheckpointContent expected = full_content();
  written_now(kSavepoint, expected);
  const CheckpointContent content = read_savepoint_file(*machine->storage, kSavepoint);
  EXPECT_EQ(content, expected);
  const auto state =
      open_section(*machine->storage, content.shards[0].base->sections[0], FileKind::savepoint);
  EXPECT_EQ(read_all(*state), "first state");
}

}  // namespace
}  // namespace weir::inline v0::detail
