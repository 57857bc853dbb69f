// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/checksum.hpp"
#include "checkpoint/checkpoint_file.hpp"
#include "checkpoint/names.hpp"
#include "tests/unit/checkpoint/fixtures.hpp"
#include "weir/bytes.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr const char* kFile = "words/0/00000000000000aa-7.ckpt";

/// Stores bytes under a name, whatever was there.
void store(CheckpointStorage& storage, const std::string& name, const std::string& bytes) {
  storage.remove(name);
  storage.put_if_absent(name, stream_of({bytes}));
}

std::string stored_bytes(const Machine& machine) {
  return machine.disk->content("data/" + std::string{kFile});
}

/// Writes the full checkpoint with a delta for its first shard.
CheckpointContent write_full(const Machine& machine) {
  CheckpointContent content = full_content();
  write_checkpoint_file(*machine.storage, kFile, content, {stream_of({"del", "ta"}), {}});
  return content;
}

TEST(CheckpointFile, ReadsBackEverythingThatWasWritten) {
  const Machine machine;
  const CheckpointContent written = write_full(machine);
  EXPECT_EQ(read_checkpoint_file(*machine.storage, kFile), written);
  EXPECT_EQ(written.shards[0].deltas.size(), 2U);
  EXPECT_EQ(written.shards[1].deltas.size(), 0U);
}

TEST(CheckpointFile, HeadIsTheContentWithoutItsOwnDeltas) {
  const Machine machine;
  write_full(machine);
  EXPECT_EQ(read_checkpoint_head(*machine.storage, kFile), full_content());
}

TEST(CheckpointFile, DeltaComesBackAsItWasStreamed) {
  const Machine machine;
  const CheckpointContent written = write_full(machine);
  const auto delta =
      open_section(*machine.storage, written.shards[0].deltas[1].section, FileKind::checkpoint);
  EXPECT_EQ(read_all(*delta), "delta");
}

TEST(CheckpointFile, LongDeltaIsCutIntoBlocks) {
  const Machine machine;
  const std::string piece(100'000, 'x');
  CheckpointContent content = full_content();
  write_checkpoint_file(*machine.storage, kFile, content,
                        {stream_of({piece, piece, piece}), stream_of({"second"})});
  EXPECT_EQ(read_checkpoint_file(*machine.storage, kFile), content);
  const auto read = [&](const ShardRecord& shard) {
    return read_all(
        *open_section(*machine.storage, shard.deltas.back().section, FileKind::checkpoint));
  };
  EXPECT_EQ(read(content.shards[0]), piece + piece + piece);
  EXPECT_EQ(read(content.shards[1]), "second");
}

TEST(CheckpointFile, SavepointHoldsItsShardsAsBases) {
  const Machine machine;
  CheckpointContent content = full_content();
  const std::string file = savepoint_file("before", "0");
  write_savepoint_file(*machine.storage, file, content, {stream_of({"state"}), {}});
  const CheckpointContent read = read_savepoint_file(*machine.storage, file);
  EXPECT_EQ(read, content);
  ASSERT_TRUE(read.shards[0].base.has_value());
  EXPECT_FALSE(read.shards[1].base.has_value());
  const auto state =
      open_section(*machine.storage, read.shards[0].base->sections[0], FileKind::savepoint);
  EXPECT_EQ(read_all(*state), "state");
}

TEST(CheckpointFile, ReachNamesEveryOtherFileOnce) {
  const Machine machine;
  EXPECT_THAT(write_full(machine).reach(),
              ElementsAre("savepoints/before-upgrade/0.savepoint",
                          "words/0/00000000000000aa-4.base/by-word-0/1.sst",
                          "words/0/00000000000000aa-6.ckpt"));
}

TEST(CheckpointFile, NameThatIsTakenIsNotWrittenAgain) {
  const Machine machine;
  write_full(machine);
  CheckpointContent content = full_content();
  EXPECT_FALSE(write_checkpoint_file(*machine.storage, kFile, content, {{}, {}}).has_value());
}

TEST(CheckpointFile, ProducerThatThrowsLeavesNoFile) {
  const Machine machine;
  CheckpointContent content = full_content();
  const ChunkProducer failing = [](const ChunkSink& sink) {
    sink("a");
    throw Error{"no state"};
  };
  EXPECT_THROW(write_checkpoint_file(*machine.storage, kFile, content, {failing, {}}), Error);
  EXPECT_THAT(machine.storage->list(""), IsEmpty());
}

TEST(CheckpointFile, EveryFlippedBitIsFound) {
  const Machine machine;
  write_full(machine);
  const std::string good = stored_bytes(machine);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ static_cast<char>(1U << (at % 8)));
    store(*machine.storage, kFile, bad);
    EXPECT_THROW(read_checkpoint_file(*machine.storage, kFile), CorruptState) << "byte " << at;
  }
}

TEST(CheckpointFile, EveryTruncationIsFound) {
  const Machine machine;
  write_full(machine);
  const std::string good = stored_bytes(machine);
  for (std::size_t size = 0; size < good.size(); ++size) {
    store(*machine.storage, kFile, good.substr(0, size));
    EXPECT_THROW(read_checkpoint_file(*machine.storage, kFile), CorruptState) << "size " << size;
  }
}

TEST(CheckpointFile, EveryHoleIsFound) {
  const Machine machine;
  write_full(machine);
  const std::string good = stored_bytes(machine);
  for (std::size_t at = 0; at + 16 < good.size(); ++at) {
    store(*machine.storage, kFile, good.substr(0, at) + good.substr(at + 16));
    EXPECT_THROW(read_checkpoint_file(*machine.storage, kFile), CorruptState) << "byte " << at;
  }
}

TEST(CheckpointFile, BytesBehindTheEndAreFound) {
  const Machine machine;
  write_full(machine);
  store(*machine.storage, kFile, stored_bytes(machine) + "x");
  EXPECT_THROW(read_checkpoint_file(*machine.storage, kFile), CorruptState);
}

TEST(CheckpointFile, TornDeltaIsFoundByWhoReadsOnlyThat) {
  const Machine machine;
  const SectionRef section = write_full(machine).shards[0].deltas[1].section;
  const std::string good = stored_bytes(machine);
  const std::size_t end = good.find("delta") + 5;
  for (std::size_t at = section.offset; at < end; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    store(*machine.storage, kFile, bad);
    EXPECT_THROW(read_all(*open_section(*machine.storage, section, FileKind::checkpoint)),
                 CorruptState)
        << "byte " << at;
  }
}

TEST(CheckpointFile, SectionOfAnotherFileIsRefused) {
  const Machine machine;
  SectionRef section = write_full(machine).shards[0].deltas[1].section;
  ++section.checksum;
  EXPECT_THAT([&] { read_all(*open_section(*machine.storage, section, FileKind::checkpoint)); },
              ThrowsMessage<CorruptState>(HasSubstr("not the one that the checkpoint refers to")));
}

TEST(CheckpointFile, NewerFormatIsRefusedByName) {
  const Machine machine;
  ByteWriter newer;
  newer.raw("weirckpt");
  newer.u32(kFormatVersion + 1);
  newer.u32(1);
  newer.u64(checksum(newer.view()));
  store(*machine.storage, kFile, newer.take() + "whatever follows");
  EXPECT_THAT([&] { read_checkpoint_file(*machine.storage, kFile); },
              ThrowsMessage<CorruptState>(AllOf(HasSubstr(kFile), HasSubstr("it has format 2"),
                                                HasSubstr("use the version of weir"))));
}

TEST(CheckpointFile, MissingFileIsSaidToBeMissing) {
  const Machine machine;
  EXPECT_THAT([&] { read_checkpoint_file(*machine.storage, kFile); },
              ThrowsMessage<CorruptState>(HasSubstr("is missing in the checkpoint storage")));
}

TEST(CheckpointFile, SavepointIsNoCheckpoint) {
  const Machine machine;
  CheckpointContent content = full_content();
  write_savepoint_file(*machine.storage, "s", content, {{}, {}});
  EXPECT_THAT([&] { read_checkpoint_file(*machine.storage, "s"); },
              ThrowsMessage<CorruptState>(HasSubstr("it is not a checkpoint")));
}

TEST(BaseFile, IsCheckedWhileItIsRead) {
  const Machine machine;
  machine.disk->create("local")->write("sst bytes");
  const FileRef file = store_base_file(*machine.storage, "base/1", "local", *machine.disk);
  EXPECT_EQ(file.bytes, 9U);
  EXPECT_EQ(read_all(*open_base_file(*machine.storage, file)), "sst bytes");
  machine.disk->flip_bit("data/base/1", 3);
  EXPECT_THROW(read_all(*open_base_file(*machine.storage, file)), CorruptState);
}

TEST(BaseFile, StreamIsStoredOnce) {
  const Machine machine;
  const FileRef file = store_base_stream(*machine.storage, "base/1", stream_of({"ab", "c"}));
  EXPECT_EQ(read_all(*open_base_file(*machine.storage, file)), "abc");
  EXPECT_THROW(store_base_stream(*machine.storage, "base/1", stream_of({"x"})), IoError);
}

}  // namespace
}  // namespace weir::inline v0::detail
