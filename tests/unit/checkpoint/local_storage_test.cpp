// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/checkpoint_storage.hpp"
#include "weir/error.hpp"
#include "weir/testing/sim_disk.hpp"

namespace weir {
namespace {

using testing::Effects;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SimDisk;
using testing::SimulatedCrash;
using ::testing::ThrowsMessage;

/// A storage on a simulated disk.
struct Machine {
  explicit Machine(std::uint64_t seed = 1, std::optional<std::uint64_t> crash_at = {})
      : effects{{.seed = seed, .crash_at = crash_at}} {
    disk = std::make_shared<SimDisk>(effects, SimDisk::Options{.seed = seed, .capacity_bytes = {}});
    storage = local_storage("data/checkpoints", disk);
  }

  bool put(const std::string& name, const std::vector<std::string>& chunks) const {
    return storage->put_if_absent(name, [&](const ChunkSink& sink) {
      for (const std::string& chunk : chunks) sink(chunk);
    });
  }

  std::string text(const std::string& name) const {
    const auto reader = storage->get(name);
    return reader == nullptr ? "(none)" : reader->read(1'000'000);
  }

  Effects effects;
  std::shared_ptr<SimDisk> disk;
  std::shared_ptr<CheckpointStorage> storage;
};

TEST(LocalStorage, ReadsBackWhatWasPut) {
  const Machine machine;
  EXPECT_TRUE(machine.put("job/0/t-1.ckpt", {"hello ", "world"}));
  EXPECT_EQ(machine.text("job/0/t-1.ckpt"), "hello world");
}

TEST(LocalStorage, NeverReplacesAnObject) {
  const Machine machine;
  machine.put("a", {"first"});
  EXPECT_FALSE(machine.put("a", {"second"}));
  EXPECT_EQ(machine.text("a"), "first");
}

TEST(LocalStorage, SkipsBytesWithoutReadingThem) {
  const Machine machine;
  machine.put("a", {"0123456789"});
  const auto reader = machine.storage->get("a");
  reader->skip(7);
  EXPECT_EQ(reader->read(2), "78");
  reader->skip(100);
  EXPECT_EQ(reader->read(2), "");
}

TEST(LocalStorage, ListsByPrefixAndSorted) {
  const Machine machine;
  machine.put("job/1/b", {"x"});
  machine.put("job/0/b", {"x"});
  machine.put("job/0/a/deep", {"x"});
  machine.put("other", {"x"});
  EXPECT_THAT(machine.storage->list("job/0/"), ElementsAre("job/0/a/deep", "job/0/b"));
  EXPECT_THAT(machine.storage->list(""),
              ElementsAre("job/0/a/deep", "job/0/b", "job/1/b", "other"));
  EXPECT_THAT(machine.storage->list("nothing/"), IsEmpty());
}

TEST(LocalStorage, RemovesAndSaysNothingWhenThereIsNone) {
  const Machine machine;
  machine.put("a", {"x"});
  machine.storage->remove("a");
  machine.storage->remove("a");
  EXPECT_EQ(machine.storage->get("a"), nullptr);
}

TEST(LocalStorage, TakesAndBringsFiles) {
  const Machine machine;
  machine.disk->create("local")->write("sst");
  EXPECT_TRUE(machine.storage->put_file_if_absent("job/base", "local"));
  EXPECT_FALSE(machine.storage->put_file_if_absent("job/base", "local"));
  EXPECT_TRUE(machine.storage->get_file("job/base", "copy"));
  EXPECT_FALSE(machine.storage->get_file("job/none", "other"));
  EXPECT_EQ(machine.disk->content("copy"), "sst");
}

TEST(LocalStorage, FileThatWasTakenSurvivesACrash) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const Machine machine{seed};
    machine.disk->create("local")->write("sst");
    machine.storage->put_file_if_absent("job/base", "local");
    machine.disk->crash();
    EXPECT_EQ(machine.text("job/base"), "sst");
  }
}

TEST(LocalStorage, RefusesNamesThatLeaveTheDirectory) {
  const Machine machine;
  for (const char* name : {"../a", "a/../b", "", "a//b", "/a", ".hidden"}) {
    EXPECT_THROW(machine.put(name, {"x"}), IoError) << name;
  }
}

TEST(LocalStorage, LockNamesItsHolderToASecondOne) {
  const Machine machine;
  const auto lock = machine.storage->lock("words/0");
  EXPECT_THAT([&] { machine.storage->lock("words/0"); },
              ThrowsMessage<LockedError>(HasSubstr("checkpoints of words/0")));
  EXPECT_NO_THROW(machine.storage->lock("words/1"));
}

TEST(LocalStorage, LockGoesWithItsHandle) {
  const Machine machine;
  machine.storage->lock("words/0").reset();
  EXPECT_NO_THROW(machine.storage->lock("words/0"));
}

TEST(LocalStorage, FailedPutLeavesNothing) {
  const Machine machine;
  machine.disk->set_capacity(3);
  EXPECT_THROW(machine.put("a", {"12345"}), IoError);
  EXPECT_THAT(machine.disk->all_files(), IsEmpty());
  EXPECT_THROW(machine.storage->put_if_absent("b", [](const ChunkSink&) { throw Error{"no"}; }),
               Error);
  EXPECT_THAT(machine.disk->all_files(), IsEmpty());
}

// Goal: whatever effect of a put a crash hits, the object is whole or absent afterwards, and whole
// if put_if_absent() had returned; the next lock removes what else is left.
TEST(LocalStorage, CrashAtAnyEffectLeavesTheObjectWholeOrAbsent) {
  const std::vector<std::string> chunks{"0123", "4567", "89"};
  const auto work = [&](const Machine& machine) {
    const auto lock = machine.storage->lock("job/0");
    machine.put("job/0/a", chunks);
  };
  const Machine calm;
  work(calm);
  for (std::uint64_t effect = 1; effect <= calm.effects.count() + 1; ++effect) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Machine machine{seed, effect};
      bool has_returned = false;
      try {
        work(machine);
        has_returned = true;
      } catch (const SimulatedCrash&) {
      }
      machine.disk->crash();
      const auto lock = machine.storage->lock("job/0");
      const std::string found = machine.text("job/0/a");
      EXPECT_TRUE(found == "0123456789" || (found == "(none)" && !has_returned))
          << found << " at " << effect << " seed " << seed;
      for (const std::string& file : machine.disk->all_files()) {
        EXPECT_THAT(file, ::testing::Not(HasSubstr(".tmp"))) << "at " << effect;
      }
    }
  }
}

// What went wrong: a process killed between the rename and the sync of the directory left a file
// that the next one built on, and that a power failure then took away.
TEST(LocalStorage, ObjectThatWasReadAfterAKillSurvivesAPowerFailure) {
  for (std::uint64_t effect = 1; effect <= 12; ++effect) {
    Machine machine{effect, effect};
    try {
      machine.put("job/a", {"x"});
    } catch (const SimulatedCrash&) {
    }
    machine.effects.restart();  // The machine itself lives on.
    const auto second = local_storage("data/checkpoints", machine.disk);
    const bool was_there = second->get("job/a") != nullptr;
    machine.disk->crash();
    EXPECT_TRUE(!was_there || machine.text("job/a") == "x") << "at " << effect;
  }
}

}  // namespace
}  // namespace weir
