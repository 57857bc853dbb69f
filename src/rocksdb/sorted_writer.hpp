// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class DB;
struct Options;
class SstFileWriter;
class WriteBatch;
}  // namespace rocksdb

namespace weir::inline v0::detail {

/// Writes sorted entries into a store: few of them through its memtable, many as files of its own
/// format, which it then takes over as they are.
class SortedWriter final {
 public:
  /// Files are made in `directory`; `db` outlives the writer.
  SortedWriter(::rocksdb::DB& db, const ::rocksdb::Options& options, std::string directory);
  SortedWriter(const SortedWriter&) = delete;
  SortedWriter& operator=(const SortedWriter&) = delete;
  ~SortedWriter();

  /// Keys in order, none twice.
  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  /// What was written is in the store afterwards.
  void finish();

 private:
  static constexpr std::size_t kBatchEntries = 20'000;
  static constexpr std::size_t kFileBytes = std::size_t{64} << 20;

  bool writes_files();
  void open_file();
  void close_file();

  ::rocksdb::DB& db_;
  const ::rocksdb::Options& options_;
  const std::string directory_;
  std::unique_ptr<::rocksdb::WriteBatch> batch_;  // Null: entries go to files.
  std::unique_ptr<::rocksdb::SstFileWriter> file_;
  std::vector<std::string> paths_;
  std::size_t entries_ = 0;
};

}  // namespace weir::inline v0::detail
