// SPDX-License-Identifier: Apache-2.0
#include "bench/whole/rocksdb_bound.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error{status.ToString()};
}

/// Tuned as one would for this: no log, Bloom filters, a cache of three quarters of the budget.
rocksdb::Options tuned_options() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(ColdStateOptions::kBudgetBytes * 3 / 4);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = ColdStateOptions::kBudgetBytes / 8;
  options.max_write_buffer_number = 2;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::WriteOptions without_log() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

rocksdb::Slice slice(const Key& key) { return {key.data(), key.size()}; }
rocksdb::Slice slice(const Wide& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void fill(rocksdb::DB& db) {
  std::vector<Key> keys;
  for (std::uint64_t id = 0; id < ColdStateOptions::kKeys; ++id) keys.push_back(key_of(id));
  std::sort(keys.begin(), keys.end());
  Wide value;
  value.numbers[0] = 1;
  rocksdb::WriteBatch batch;
  for (const Key& key : keys) {
    check(batch.Put(slice(key), slice(value)));
    if (batch.Count() < 1000 && &key != &keys.back()) continue;
    check(db.Write(without_log(), &batch));
    batch.Clear();
  }
  check(db.Flush({}));
}

}  // namespace

Run rocksdb_get_put(const ColdStateOptions& options, const std::string& directory) {
  rocksdb::DB* opened = nullptr;
  check(rocksdb::DB::Open(tuned_options(), directory, &opened));
  const std::unique_ptr<rocksdb::DB> db{opened};
  fill(*db);
  const ColdKeys keys{options.is_zipf};
  return timed(options.draws, [&] {
    std::uint64_t sum = 0;
    std::string bytes;
    for (std::uint64_t i = 0; i < options.draws; ++i) {
      const Key key = key_of(keys.id(ColdStateOptions::kKeys + i));
      Wide value;
      check(db->Get({}, slice(key), &bytes));
      std::memcpy(&value, bytes.data(), sizeof value);
      sum += static_cast<std::uint64_t>(++value.numbers[0]);
      check(db->Put(without_log(), slice(key), slice(value)));
    }
    return sum;
  });
}

}  // namespace bench
