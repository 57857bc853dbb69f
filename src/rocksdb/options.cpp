// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "rocksdb/shared_memory.hpp"
#include "weir/rocksdb.hpp"

namespace weir::inline v0 {
namespace {

namespace rocks = ::rocksdb;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = kKiB * kKiB;
constexpr double kBloomBits = 10;

/// LZ4 if this RocksDB was built with it.
rocks::CompressionType fast_compression() {
  const std::vector<rocks::CompressionType> supported = rocks::GetSupportedCompressions();
  const bool has_lz4 =
      std::find(supported.begin(), supported.end(), rocks::kLZ4Compression) != supported.end();
  return has_lz4 ? rocks::kLZ4Compression : rocks::kNoCompression;
}

rocks::BlockBasedTableOptions table_options() {
  rocks::BlockBasedTableOptions table;
  table.block_size = 4 * kKiB;
  table.format_version = 5;
  table.checksum = rocks::kXXH3;
  table.filter_policy.reset(rocks::NewBloomFilterPolicy(kBloomBits));
  // A look-up in a block by hash instead of by bisection.
  table.data_block_index_type = rocks::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.cache_index_and_filter_blocks = true;  // Else they would grow outside of the budget.
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

}  // namespace

namespace detail {

SharedMemory make_shared_memory(std::size_t bytes) {
  constexpr std::size_t kLeast = 4 * kMiB;
  const std::size_t size = std::max(bytes, kLeast);
  SharedMemory memory;
  memory.cache = rocks::NewLRUCache(size, -1, false, 0.5);
  memory.write_buffers = std::make_shared<rocks::WriteBufferManager>(size / 2, memory.cache);
  return memory;
}

void set_defaults(rocks::Options& options) {
  options.write_buffer_size = 8 * kMiB;
  options.max_background_jobs = 2;
  options.target_file_size_base = 32 * kMiB;
  options.max_bytes_for_level_base = 128 * kMiB;
  options.level_compaction_dynamic_level_bytes = true;
  options.compression = fast_compression();
  // Most look-ups find something: a filter for the last level, which has nine tenths of the keys,
  // would take more memory than it is worth.
  options.optimize_filters_for_hits = true;
  options.table_factory.reset(rocks::NewBlockBasedTableFactory(table_options()));
  options.keep_log_file_num = 1;
  options.info_log_level = rocks::ERROR_LEVEL;
  options.max_open_files = -1;
  options.skip_stats_update_on_db_open = true;
}

void set_required(rocks::Options& options, const SharedMemory& memory) {
  options.create_if_missing = true;
  options.write_buffer_manager = memory.write_buffers;
  options.allow_concurrent_memtable_write = false;
  options.avoid_flush_during_shutdown = true;  // What is in memory is not needed any more.
  options.atomic_flush = true;
  auto* table = options.table_factory->GetOptions<rocks::BlockBasedTableOptions>();
  if (table != nullptr) table->block_cache = memory.cache;
}

}  // namespace detail

namespace rocksdb {

void high_throughput(rocks::Options& options) {
  options.write_buffer_size = 32 * kMiB;
  options.max_background_jobs = 4;
  options.target_file_size_base = 64 * kMiB;
  options.max_bytes_for_level_base = 256 * kMiB;
  options.compression_per_level = {rocks::kNoCompression, rocks::kNoCompression,
                                   fast_compression()};
  options.compaction_readahead_size = 2 * kMiB;
}

}  // namespace rocksdb
}  // namespace weir::inline v0
