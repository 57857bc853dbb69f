// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "weir/export.hpp"
#include "weir/state.hpp"

namespace rocksdb {
struct Options;  // Of RocksDB itself.
}

namespace weir::inline v0::rocksdb {

/// How state that does not fit into memory is kept.
struct StateOptions {
  /// A local directory for work files, made with mode 0700 and locked: another process is told who
  /// uses it. Nothing in it outlives the process: what counts is in the checkpoints. The faster
  /// its disk, the better; the same file system as the checkpoints' lets bases be links.
  std::string directory;
  /// Changes the options of each store before it is opened; `store` is "stage/shard". What weir
  /// relies on is set after it: the compaction filter, no write-ahead log, the shared block cache.
  std::function<void(const std::string& store, ::rocksdb::Options& options)> configure{};
};

/// For StateOptions::configure: what serves many updates on a fast local disk. Larger memtables and
/// files, more compaction at once, no compression where files are young.
///
///     .configure = [](const std::string&, ::rocksdb::Options& options) {
///       weir::rocksdb::high_throughput(options);
///     }
WEIR_API void high_throughput(::rocksdb::Options& options);

/// State in memory as far as it is hot, in RocksDB where it is cold, within one memory budget.
///
///     JobOptions{.state = weir::rocksdb::state({.directory = "/var/lib/app/state"})}
///
/// Throws: ConfigError, if there is no directory.
WEIR_API std::shared_ptr<StateBackend> state(StateOptions options);

}  // namespace weir::inline v0::rocksdb
