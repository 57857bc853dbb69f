// SPDX-License-Identifier: Apache-2.0
#include "weir/rocksdb.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "rocksdb/rocks_store.hpp"
#include "rocksdb/shared_memory.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0 {
namespace detail {
namespace {

/// A name as a directory: what is not a letter, digit or one of "._-" becomes "_", and the hash of
/// the name follows.
std::string directory_name(std::string_view name) {
  std::string text;
  for (const char letter : name) {
    const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                          (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    text += is_plain || letter == '.' ? letter : '_';
  }
  constexpr std::size_t kLongest = 100;
  if (text.size() > kLongest) text.resize(kLongest);
  return text + "-" + std::to_string(table_id_of(name).value);
}

class RocksStores final : public StoreFactory {
 public:
  RocksStores(const rocksdb::StateOptions& options, const StoreContext& context,
              SharedMemory memory)
      : options_{options},
        files_{posix_file_system()},
        memory_{std::move(memory)},
        directory_{
            join_path(options.directory, directory_name(context.job + "." + context.instance))} {
    files_->create_directories(directory_);
    lock_ = files_->lock(join_path(directory_, "lock"),
                         "state of job '" + context.job + "', instance " + context.instance);
    files_->remove_all(join_path(directory_, "stores"));
  }

  std::unique_ptr<ShardStore> make(std::string_view stage, ShardId shard) override {
    RocksStoreOptions options;
    options.name = std::string{stage} + "/" + std::to_string(shard.value);
    options.directory = join_path(join_path(directory_, "stores"), directory_name(options.name));
    options.files = files_;
    options.memory = memory_;
    options.configure = options_.configure;
    return std::make_unique<RocksStore>(std::move(options));
  }

 private:
  const rocksdb::StateOptions options_;
  const std::shared_ptr<FileSystem> files_;  // Shared with the stores.
  const SharedMemory memory_;
  const std::string directory_;
  std::unique_ptr<FileLock> lock_;
};

class RocksBackend final : public StateBackend {
 public:
  explicit RocksBackend(rocksdb::StateOptions options) : options_{std::move(options)} {}

  std::string describe() const override { return "rocksdb in " + options_.directory; }
  std::unique_ptr<StoreFactory> open(const StoreContext& context) override {
    return std::make_unique<RocksStores>(options_, context, memory_for(context.budget));
  }

 private:
  /// Jobs that share a budget share the memory of their stores.
  SharedMemory memory_for(const MemoryBudget* budget) {
    const std::lock_guard lock{mutex_};
    if (memory_.cache == nullptr || budget_ != budget) {
      const std::uint64_t bytes =
          budget != nullptr ? budget->store_bytes() : default_memory_budget() / 8;
      memory_ = make_shared_memory(static_cast<std::size_t>(bytes));
      budget_ = budget;
    }
    return memory_;
  }

  const rocksdb::StateOptions options_;
  std::mutex mutex_;  // Several jobs may open at once; guards what follows.
  SharedMemory memory_;
  const MemoryBudget* budget_ = nullptr;
};

}  // namespace
}  // namespace detail

namespace rocksdb {

std::shared_ptr<StateBackend> state(StateOptions options) {
  if (options.directory.empty()) {
    throw ConfigError{"rocksdb.directory is empty; it must name a local directory"};
  }
  return std::make_shared<detail::RocksBackend>(std::move(options));
}

}  // namespace rocksdb
}  // namespace weir::inline v0
