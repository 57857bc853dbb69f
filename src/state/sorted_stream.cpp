// SPDX-License-Identifier: Apache-2.0
#include "state/sorted_stream.hpp"

#include <utility>

#include "state/delta_fold.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// Entries of tables that are not in the schema belong to nodes that are gone.
bool is_kept(const ShardSchema& schema, std::string_view key, std::string_view value,
             const StateCut& cut) {
  const TablePlace place = parse_place(key);
  const TableSchema* table = find_schema(schema, place.node, place.table);
  return table != nullptr && !has_expired(*table, value, cut);
}

}  // namespace

SortedStreamReader::SortedStreamReader(std::unique_ptr<ChunkReader> source, KeyGroupRange groups)
    : reader_{std::move(source)}, groups_{groups} {
  if (reader_.header().kind != StreamKind::sorted) {
    throw CorruptState{"a delta was found where a base should be"};
  }
}

bool SortedStreamReader::next(std::string_view& key, std::string_view& value) {
  StateOp op;
  while (reader_.next(op)) {
    if (op.kind != StateOpKind::put) throw CorruptState{"a base holds something that is no entry"};
    if (!groups_.contains(parse_entry_key(op.key).group)) continue;
    key = op.key;
    value = op.value;
    return true;
  }
  return false;
}

SortedSize write_sorted(EntryCursor& entries, const StateCut& cut, const ShardSchema& schema,
                        const ChunkSink& sink) {
  StateStreamWriter writer{sink, {StreamKind::sorted, cut, schema}};
  std::string_view key;
  std::string_view value;
  while (entries.next(key, value)) {
    if (is_kept(schema, key, value, cut)) writer.add({StateOpKind::put, key, value});
  }
  SortedSize size;
  size.entries = writer.finish();
  size.bytes = writer.bytes();
  return size;
}

namespace {

/// Leaves out what belongs to other shards.
class GroupFilter final : public EntryCursor {
 public:
  GroupFilter(EntryCursor& entries, KeyGroupRange groups) : entries_{entries}, groups_{groups} {}

  bool next(std::string_view& key, std::string_view& value) override {
    while (entries_.next(key, value)) {
      if (groups_.contains(parse_entry_key(key).group)) return true;
    }
    return false;
  }

 private:
  EntryCursor& entries_;
  const KeyGroupRange groups_;
};

}  // namespace

SortedSize write_merged(const BaseRequest& request, const ChunkSink& sink) {
  DeltaFold fold;
  for (const StreamOpener& open : request.deltas) {
    StateStreamReader delta{open()};
    fold.add(delta);
  }
  const std::unique_ptr<OpCursor> folded = fold.finish();
  std::unique_ptr<SortedStreamReader> base;
  if (request.last) {
    base = std::make_unique<SortedStreamReader>(open_sorted_base(*request.last, *request.storage));
  }
  MergeCursor merged{base.get(), *folded};
  GroupFilter own{merged, request.groups};
  return write_sorted(own, request.cut, request.schema, sink);
}

SortedSize write_store(ShardStore& store, const StateCut& cut, const ShardSchema& schema,
                       const ChunkSink& sink) {
  const std::unique_ptr<EntryCursor> entries = store.scan({}, {});
  return write_sorted(*entries, cut, schema, sink);
}

std::unique_ptr<ChunkReader> open_sorted_base(const Base& base, CheckpointStorage& storage) {
  if (base.kind != "sorted" || base.objects.size() != 1) {
    throw IncompatibleState{"the state lies in a base of kind '" + base.kind +
                            "', which this backend cannot read; restore a savepoint instead"};
  }
  std::unique_ptr<ChunkReader> reader = storage.get(base.objects.front().name);
  if (reader == nullptr) {
    throw CorruptState{"the base '" + base.objects.front().name + "' is missing in the storage"};
  }
  return reader;
}

}  // namespace weir::inline v0::detail
