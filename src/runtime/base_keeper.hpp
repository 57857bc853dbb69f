// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "checkpoint/block.hpp"
#include "checkpoint/content.hpp"
#include "runtime/executor.hpp"
#include "weir/detail/state/shard_store.hpp"

namespace weir::inline v0::detail {

class DeltaBacklog;

/// Background work on the state of shards: gives committed deltas to stores, makes bases, writes
/// parts of savepoints.
///
/// Threads: register_shard() before the attempt runs; the rest by the storage thread (apply() by
/// the coordinator), which never waits for a base. A mutex, because a savepoint, which the storage
/// thread writes itself, must not meet a base in the making.
class BaseKeeper final {
 public:
  BaseKeeper(std::shared_ptr<CheckpointStorage> storage, SerialExecutor& background,
             const Log& log);
  /// Waits for nothing: the executor has been closed before.
  ~BaseKeeper();

  void register_shard(ShardName shard, KeyGroupRange groups, std::shared_ptr<DeltaBacklog> backlog,
                      std::shared_ptr<ShardStore> store);
  /// Gives committed deltas to the stores that lag behind.
  void apply();
  /// Starts a base of a shard, as `record` says it stands at `cut`, unless one is in the making.
  /// Its objects get names that start with `prefix`.
  void start_base(const ShardRecord& record, const BaseRef& cut, const std::string& prefix);
  /// A base that has been finished since it was asked for last.
  std::optional<BaseRef> take_base(const ShardName& shard);
  /// Streams a shard's whole state as of the committed checkpoint `record` belongs to.
  void write_savepoint(const ShardRecord& record, CheckpointId checkpoint, const ChunkSink& sink);

 private:
  struct Shard {
    KeyGroupRange groups;
    std::shared_ptr<DeltaBacklog> backlog;
    std::shared_ptr<ShardStore> store;
    bool is_in_the_making = false;  // Guarded by mutex_, as is the next.
    std::optional<BaseRef> finished;
  };

  void make_base(const ShardName& name, const BaseRequest& request, BaseRef reference);

  const std::shared_ptr<CheckpointStorage> storage_;
  SerialExecutor& background_;
  const Log& log_;
  std::map<ShardName, Shard> shards_;
  bool is_applying_ = false;  // Guarded by mutex_.
  std::mutex mutex_;          // Guards flags and results; taken before work_mutex_ never with it.
  std::mutex work_mutex_;     // Held while stores are changed.
};

/// Streams the whole state of a shard as another instance's checkpoint has it. `scratch`: a store
/// of the backend that wrote it; what it holds is overwritten.
void write_foreign(std::shared_ptr<CheckpointStorage> storage, const ShardRecord& record,
                   ShardStore& scratch, const ChunkSink& sink);

/// A delta, or a stream of a savepoint, for the state layer to open when it comes to it.
StreamOpener open_stream(std::shared_ptr<CheckpointStorage> storage, SectionRef section,
                         FileKind kind);
/// A base as the state layer knows it: read from the descriptor that start_base() stored.
Base load_base(CheckpointStorage& storage, const BaseRef& reference);

}  // namespace weir::inline v0::detail
