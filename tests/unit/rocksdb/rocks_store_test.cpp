// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rocksdb/options.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/state_stream.hpp"
#include "tests/unit/rocksdb/temporary_directory.hpp"
#include "tests/unit/state/memory_storage.hpp"
#include "tests/unit/state/state_model.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/detail/state/state_access.hpp"
#include "weir/error.hpp"
#include "weir/rocksdb.hpp"

namespace weir::state_test {
namespace {

using detail::RestoreSource;
using detail::ShardState;
using detail::StateAccess;

RestoreSource what_the_store_has() {
  RestoreSource source;
  source.keeps_store = true;
  return source;
}

RestoreSource from(std::optional<detail::Base> base) {
  RestoreSource source;
  source.base = std::move(base);
  return source;
}

/// Stores of one job in a directory of its own.
struct Stores {
  explicit Stores(detail::MemoryBudget* budget = nullptr)
      : backend{rocksdb::state({.directory = directory.path()})},
        factory{backend->open({"job", "0", nullptr, budget})} {}

  std::shared_ptr<detail::ShardStore> make() {
    return factory->make("stage", ShardId{next_shard++});
  }

  TemporaryDirectory directory;
  std::shared_ptr<StateBackend> backend;
  std::unique_ptr<detail::StoreFactory> factory;
  std::uint32_t next_shard = 0;
};

std::uint64_t hash_of(std::int64_t key) {
  std::string scratch;
  return hash_key(key, scratch);
}

void run_models(ModelOptions options, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Stores stores;
    options.seed = seed;
    options.make_store = [&] { return stores.make(); };
    StateModel model{options};
    model.run();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(RocksStore, TablesOverRocksDbEqualPlainContainers) {
  run_models({.steps = 2'000, .make_store = nullptr}, 4);
}

TEST(RocksStore, TablesThatMustEvictAllTheTimeEqualPlainContainers) {
  run_models({.steps = 2'000, .budget_bytes = 20'000, .key_count = 1'000, .make_store = nullptr},
             4);
}

/// A shard with one table of numbers, over a store.
struct Shard {
  Shard(std::shared_ptr<detail::ShardStore> place, detail::MemoryBudget* budget,
        std::optional<Ttl> ttl = {})
      : store{std::move(place)}, state{options(budget)} {
    StateAccess access{state, NodeId{1}};
    table = &access.keyed<std::int64_t, std::int64_t>({.name = "numbers", .ttl = ttl});
  }
  detail::ShardStateOptions options(detail::MemoryBudget* budget) const {
    detail::ShardStateOptions made;
    made.store = store;
    made.budget = budget;
    return made;
  }
  /// Collects, commits and applies what changed.
  std::shared_ptr<const std::string> checkpoint(std::uint64_t id) {
    auto raw = state.collect_delta(CheckpointId{id});
    state.committed(CheckpointId{id});
    state.backlog().apply();
    return raw;
  }

  std::shared_ptr<detail::ShardStore> store;
  ShardState state;
  detail::KeyedTable<std::int64_t, std::int64_t>* table = nullptr;
};

detail::BaseRequest request_for(MemoryStorage& storage, Shard& shard, std::uint64_t id) {
  detail::BaseRequest request;
  request.storage = &storage;
  request.prefix = "base-" + std::to_string(id) + "/";
  request.cut = {CheckpointId{id}, shard.state.host().event, shard.state.host().processing};
  request.schema = shard.state.schema();
  return request;
}

TEST(RocksStore, ManyChangesGoInAsFilesAndFewThroughMemory) {
  Stores stores;
  Shard shard{stores.make(), nullptr};
  for (std::int64_t key = 0; key < 100'000; ++key) {
    shard.table->get_or_create(hash_of(key), key) = key;
  }
  shard.checkpoint(1);
  EXPECT_GT(shard.store->disk_bytes(), 100'000u);
  shard.table->get_or_create(hash_of(5), 5) = -5;
  shard.checkpoint(2);

  MemoryStorage none;
  ShardState& state = shard.state;
  state.restore(what_the_store_has(), none);
  ASSERT_FALSE(shard.table->is_complete());
  EXPECT_EQ(*shard.table->find(hash_of(5), 5), -5);
  EXPECT_EQ(*shard.table->find(hash_of(99'999), 99'999), 99'999);
  EXPECT_EQ(shard.table->find(hash_of(100'000), 100'000), nullptr);
}

TEST(RocksStore, ABaseHoldsItsCutAndTheNextOneStoresOnlyNewFiles) {
  Stores stores;
  MemoryStorage storage;
  Shard shard{stores.make(), nullptr};
  for (std::int64_t key = 0; key < 50'000; ++key) {
    shard.table->get_or_create(hash_of(key), key) = 1;
  }
  shard.checkpoint(1);
  const auto first = shard.state.backlog().make_base(request_for(storage, shard, 1));
  ASSERT_TRUE(first);
  shard.table->get_or_create(hash_of(1), 1) = 2;
  shard.checkpoint(2);
  detail::BaseRequest request = request_for(storage, shard, 2);
  request.last = first;
  const auto second = shard.state.backlog().make_base(request);
  ASSERT_TRUE(second);

  std::size_t shared = 0;
  for (const detail::BaseObject& each : second->objects) {
    if (std::count(first->objects.begin(), first->objects.end(), each) > 0) ++shared;
  }
  EXPECT_GE(shared, 1u);
  for (const auto& [base, wanted] : {std::pair{first, 1}, std::pair{second, 2}}) {
    Shard restored{stores.make(), nullptr};
    restored.state.restore(from(base), storage);
    EXPECT_EQ(*restored.table->find(hash_of(1), 1), wanted);
    EXPECT_EQ(*restored.table->find(hash_of(49'999), 49'999), 1);
  }
}

TEST(RocksStore, ABaseOfAnOlderCutIsDeclined) {
  Stores stores;
  MemoryStorage storage;
  Shard shard{stores.make(), nullptr};
  shard.table->get_or_create(hash_of(1), 1) = 1;
  shard.checkpoint(1);
  shard.table->get_or_create(hash_of(1), 1) = 2;
  shard.checkpoint(2);
  EXPECT_FALSE(shard.state.backlog().make_base(request_for(storage, shard, 1)));
  EXPECT_TRUE(shard.state.backlog().make_base(request_for(storage, shard, 2)));
}

TEST(RocksStore, ADamagedOrMissingBaseFileIsNamed) {
  Stores stores;
  MemoryStorage storage;
  Shard shard{stores.make(), nullptr};
  shard.table->get_or_create(hash_of(1), 1) = 1;
  shard.checkpoint(1);
  const auto base = shard.state.backlog().make_base(request_for(storage, shard, 1));
  ASSERT_TRUE(base);
  for (const detail::BaseObject& each : base->objects) {
    const std::string kept = storage.objects[each.name];
    storage.objects[each.name] += "x";
    Shard longer{stores.make(), nullptr};
    EXPECT_THROW(longer.state.restore(from(base), storage), CorruptState) << each.name;
    storage.objects.erase(each.name);
    Shard missing{stores.make(), nullptr};
    EXPECT_THROW(missing.state.restore(from(base), storage), CorruptState) << each.name;
    storage.objects[each.name] = kept;
  }
}

// Keys that expire and are never touched again: gone from memory by the passes of maintain(), from
// disk by the compaction filter, whose clock is the one of the applied cut.
TEST(RocksStore, AMillionExpiredKeysLeaveMemoryAndDisk) {
  constexpr std::int64_t kKeys = 1'000'000;
  Stores stores;
  MemoryStorage storage;
  const Ttl ttl{.ttl = Duration{1'000}};
  Shard shard{stores.make(), nullptr, ttl};
  shard.state.set_time(EventTime{0}, EventTime{0});
  for (std::int64_t key = 0; key < kKeys; ++key) {
    shard.table->get_or_create(hash_of(key), key) = key;
  }
  shard.checkpoint(1);
  EXPECT_GT(shard.store->disk_bytes(), static_cast<std::uint64_t>(5 * kKeys));
  EXPECT_GT(shard.state.memory().tables, static_cast<std::uint64_t>(40 * kKeys));

  shard.state.set_time(EventTime{5'000}, EventTime{0});
  while (shard.state.maintain()) {
  }
  shard.checkpoint(2);
  for (int i = 0; i < 2; ++i) {
    shard.state.set_time(EventTime{6'000 + i * 1'000}, EventTime{0});
    while (shard.state.maintain()) {
    }
  }
  shard.checkpoint(3);
  const auto base = shard.state.backlog().make_base(request_for(storage, shard, 3));
  ASSERT_TRUE(base);
  shard.store->compact();
  EXPECT_EQ(shard.table->size(), 0u);
  EXPECT_LT(shard.state.memory().tables, 1'000'000u);
  EXPECT_LT(shard.store->disk_bytes(), 10'000u);
}

TEST(RocksStore, ColdKeysThatExpireLeaveTheDiskWithACompaction) {
  Stores stores;
  MemoryStorage none;
  const Ttl ttl{.ttl = Duration{1'000}};
  Shard shard{stores.make(), nullptr, ttl};
  shard.state.set_time(EventTime{0}, EventTime{0});
  for (std::int64_t key = 0; key < 100'000; ++key) {
    shard.table->get_or_create(hash_of(key), key) = key;
  }
  shard.checkpoint(1);
  shard.state.restore(what_the_store_has(), none);  // All of it is cold now.
  shard.state.set_time(EventTime{999}, EventTime{0});
  shard.checkpoint(2);
  shard.store->compact();
  EXPECT_NE(shard.table->find(hash_of(7), 7), nullptr);

  shard.state.set_time(EventTime{1'000}, EventTime{0});
  EXPECT_EQ(shard.table->find(hash_of(8), 8), nullptr);
  shard.table->get_or_create(hash_of(-1), -1) = 1;
  shard.checkpoint(3);
  shard.store->compact();
  EXPECT_LT(shard.store->disk_bytes(), 10'000u);
}

TEST(RocksBackend, ASecondUserOfADirectoryIsToldWhoHasIt) {
  Stores stores;
  EXPECT_THROW(stores.backend->open({"job", "0", nullptr, nullptr}), LockedError);
  EXPECT_NO_THROW(stores.backend->open({"job", "1", nullptr, nullptr}));
}

TEST(RocksBackend, DirectoriesAreForTheirOwnerOnlyAndEmptiedAtTheStart) {
  TemporaryDirectory directory;
  const auto backend = rocksdb::state({.directory = directory.path() + "/state"});
  std::string left_over;
  {
    const auto factory = backend->open({"job", "0", nullptr, nullptr});
    struct stat info {};
    ASSERT_EQ(::stat((directory.path() + "/state").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777u, 0700u);
    for (const auto& each : std::filesystem::directory_iterator{directory.path() + "/state"}) {
      left_over = each.path().string() + "/stores/left-over";
      std::filesystem::create_directories(left_over);
    }
  }
  ASSERT_TRUE(std::filesystem::exists(left_over));
  const auto again = backend->open({"job", "0", nullptr, nullptr});
  EXPECT_FALSE(std::filesystem::exists(left_over));
}

TEST(RocksBackend, TheHookSeesEachStoreByNameBeforeItIsOpened) {
  TemporaryDirectory directory;
  std::vector<std::string> names;
  const auto backend =
      rocksdb::state({.directory = directory.path(),
                      .configure = [&](const std::string& store, ::rocksdb::Options& options) {
                        rocksdb::high_throughput(options);
                        options.max_background_jobs = 1;
                        names.push_back(store);
                      }});
  const auto factory = backend->open({"job", "0", nullptr, nullptr});
  Shard shard{factory->make("counts", ShardId{3}), nullptr};
  EXPECT_TRUE(names.empty());
  shard.table->get_or_create(hash_of(1), 1) = 1;
  shard.checkpoint(1);
  EXPECT_EQ(names, std::vector<std::string>{"counts/3"});
}

TEST(RocksBackend, NoDirectoryIsAConfigError) { EXPECT_THROW(rocksdb::state({}), ConfigError); }

}  // namespace
}  // namespace weir::state_test
