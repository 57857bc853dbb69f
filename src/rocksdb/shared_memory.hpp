// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace rocksdb {
class Cache;
class WriteBufferManager;
struct Options;
}  // namespace rocksdb

namespace weir::inline v0::detail {

/// The memory that all stores of a process-wide budget share.
struct SharedMemory {
  std::shared_ptr<::rocksdb::Cache> cache;
  std::shared_ptr<::rocksdb::WriteBufferManager> write_buffers;
};

/// Caches of so many bytes in all, memtables included.
SharedMemory make_shared_memory(std::size_t bytes);

/// What a store starts from, before the user's hook.
void set_defaults(::rocksdb::Options& options);
/// What weir relies on, after it.
void set_required(::rocksdb::Options& options, const SharedMemory& memory);

}  // namespace weir::inline v0::detail
