// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "state/state_stream.hpp"
#include "weir/detail/state/key_group.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/detail/state/state_op.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The entries of a stored sorted stream that belong to some key groups.
class WEIR_API SortedStreamReader final : public EntryCursor {
 public:
  explicit SortedStreamReader(std::unique_ptr<ChunkReader> source, KeyGroupRange groups = {});

  const StreamHeader& header() const noexcept { return reader_.header(); }
  bool next(std::string_view& key, std::string_view& value) override;

 private:
  StateStreamReader reader_;
  const KeyGroupRange groups_;
};

/// Entries as operations that put them.
class WEIR_API PutCursor final : public OpCursor {
 public:
  explicit PutCursor(EntryCursor& entries) : entries_{entries} {}
  bool next(StateOp& op) override {
    op.kind = StateOpKind::put;
    return entries_.next(op.key, op.value);
  }

 private:
  EntryCursor& entries_;
};

/// What a sorted stream weighs.
struct SortedSize {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// Writes entries as a sorted stream, less what had expired at the cut.
WEIR_API SortedSize write_sorted(EntryCursor& entries, const StateCut& cut,
                                 const ShardSchema& schema, const ChunkSink& sink);

/// Writes the cut that a base and the deltas after it give: a new base of an in-memory shard, or
/// its part of a savepoint. Deltas are folded in memory; the base streams.
WEIR_API SortedSize write_merged(const BaseRequest& request, const ChunkSink& sink);

/// The part of a savepoint that a shard with a cold store has. Requires: the store holds `cut`.
WEIR_API SortedSize write_store(ShardStore& store, const StateCut& cut, const ShardSchema& schema,
                                const ChunkSink& sink);

/// Opens a base that is one sorted stream.
WEIR_API std::unique_ptr<ChunkReader> open_sorted_base(const Base& base,
                                                       CheckpointStorage& storage);

}  // namespace weir::inline v0::detail
