// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/checkpoint_storage.hpp"
#include "weir/commit.hpp"
#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/state_op.hpp"
#include "weir/detail/state/table_schema.hpp"
#include "weir/export.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0 {
class FileSystem;
}

namespace weir::inline v0::detail {

class MemoryBudget;

/// Opens a stored stream (a delta, a sorted stream) at its start; each call a reader of its own.
using StreamOpener = std::function<std::unique_ptr<ChunkReader>()>;

/// One object of a base in the checkpoint storage.
struct BaseObject {
  std::string name;        ///< In the storage.
  std::string local_name;  ///< In a store's directory; empty where there is none.
  std::uint64_t bytes = 0;
  friend bool operator==(const BaseObject&, const BaseObject&) = default;
};

/// A shard's state at one cut, as it lies in the checkpoint storage.
struct Base {
  std::string kind;  ///< "sorted": one sorted stream; "rocksdb": a store's files.
  StateCut cut;
  ShardSchema schema;
  std::vector<BaseObject> objects;

  std::uint64_t bytes() const noexcept;
};

/// The form in which a checkpoint file holds it. decode_base throws CorruptState.
WEIR_API std::string encode_base(const Base& base);
WEIR_API Base decode_base(std::string_view bytes);

/// What a new base is made of.
struct BaseRequest {
  CheckpointStorage* storage = nullptr;
  /// New objects get names that start with it: "bases/<timeline>-12/counts-3/".
  std::string prefix;
  StateCut cut;        ///< Of the last delta.
  ShardSchema schema;  ///< Of the last delta.
  /// The last base, and the stored deltas after it up to the cut, in order. A store that has
  /// applied them already does not read them.
  std::optional<Base> last;
  std::vector<StreamOpener> deltas;
  /// Key groups of the shard: streams of a savepoint, which may stand among the deltas, can hold
  /// those of others.
  KeyGroupRange groups;
};

/// Takes the values of a multi_get().
class FoundEntries {
 public:
  virtual ~FoundEntries() = default;
  /// The store has keys[index]; the bytes live during the call.
  virtual void found(std::size_t index, std::string_view value) = 0;
};

/// The cold state of one shard: it holds the cut of one committed checkpoint, exactly, less what
/// had expired by then. Look-ups come from the shard's worker; everything that changes it from one
/// background thread, beside them.
class WEIR_API ShardStore {
 public:
  virtual ~ShardStore() = default;

  /// False: it holds nothing, all state stays in tables.
  virtual bool is_cold() const noexcept = 0;

  // The worker.

  /// Looks entries up. `keys` are sorted.
  virtual void multi_get(std::span<const std::string_view> keys, FoundEntries& found) = 0;
  /// The entries whose keys start with `prefix`, from `from` on, as of now.
  virtual std::unique_ptr<EntryCursor> scan(std::string_view prefix, std::string_view from) = 0;

  // The background thread; or any, before the shard runs.

  /// Does a folded delta. Idempotent: after a failure the same one is done again.
  virtual void apply(OpCursor& folded, const StateCut& cut, const ShardSchema& schema) = 0;
  /// Writes a base of the cut that it holds (in memory: of the request's parts); durable on return.
  virtual Base make_base(const BaseRequest& request) = 0;
  /// Forgets everything, then takes over a base of its own kind.
  virtual void restore_base(const Base& base, CheckpointStorage& storage) = 0;
  /// Forgets everything.
  virtual void clear() = 0;
  /// Rewrites everything, so that nothing is left of what expired or was erased.
  virtual void compact() = 0;

  /// Bytes on disk, about. Any thread.
  virtual std::uint64_t disk_bytes() const = 0;
};

/// What a backend opens stores with.
struct StoreContext {
  std::string job;
  std::string instance;
  FileSystem* files = nullptr;
  MemoryBudget* budget = nullptr;
};

/// Makes the stores of one job; holds the lock on where they lie.
class WEIR_API StoreFactory {
 public:
  virtual ~StoreFactory() = default;
  /// Requires: the factory outlives the store. Any thread.
  virtual std::unique_ptr<ShardStore> make(std::string_view stage, ShardId shard) = 0;
};

}  // namespace weir::inline v0::detail
