// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "rocksdb/expiry_filter.hpp"
#include "rocksdb/shared_memory.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/file_system.hpp"

namespace rocksdb {
class DB;
struct Options;
}  // namespace rocksdb

namespace weir::inline v0::detail {

/// What the store of one shard is opened with.
struct RocksStoreOptions {
  std::string name;       ///< "stage/shard", for the hook and for messages.
  std::string directory;  ///< Its own; made and removed by it.
  std::shared_ptr<FileSystem> files;
  SharedMemory memory;
  std::function<void(const std::string& store, ::rocksdb::Options& options)> configure;
};

/// The cold state of one shard in a RocksDB of its own, opened when there is something to keep.
///
/// Invariants:
/// 1. Without a write-ahead log and after a crash its files are worthless: they are thrown away.
/// 2. `db_` changes only when opened, or while the shard stands still (restore, clear).
class RocksStore final : public ShardStore {
 public:
  explicit RocksStore(RocksStoreOptions options);
  ~RocksStore() override;

  bool is_cold() const noexcept override { return true; }
  void multi_get(std::span<const std::string_view> keys, FoundEntries& found) override;
  std::unique_ptr<EntryCursor> scan(std::string_view prefix, std::string_view from) override;
  void apply(OpCursor& folded, const StateCut& cut, const ShardSchema& schema) override;
  Base make_base(const BaseRequest& request) override;
  void restore_base(const Base& base, CheckpointStorage& storage) override;
  void clear() override;
  void compact() override;
  std::uint64_t disk_bytes() const override;

 private:
  ::rocksdb::DB& open();
  void close() noexcept;
  void note_disk_bytes();
  void drop_place(::rocksdb::DB& db, std::string_view place);
  void truncate(::rocksdb::DB& db, std::string_view key, std::string_view limit);
  void bring_file(const BaseObject& object, CheckpointStorage& storage);
  BaseObject store_file(const BaseRequest& request, const std::string& directory,
                        const std::string& name);

  const RocksStoreOptions options_;
  const std::string data_;  // Where RocksDB's files lie.
  const std::shared_ptr<ExpiryRules> rules_;
  std::unique_ptr<::rocksdb::Options> rocks_options_;  // Filled in before the first open().
  std::unique_ptr<::rocksdb::DB> owned_;
  std::atomic<::rocksdb::DB*> db_{nullptr};  // What the worker sees of it.
  std::atomic<std::uint64_t> disk_bytes_{0};
  /// Files that lie in the storage already, by their local names; names are never used twice
  /// while the store lives.
  std::map<std::string, BaseObject> stored_;
};

}  // namespace weir::inline v0::detail
