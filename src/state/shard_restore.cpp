// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/delta_fold.hpp"
#include "state/sorted_stream.hpp"
#include "state/state_stream.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

std::string type_text(const std::string& description) {
  return description + " (fingerprint " + std::to_string(hash_description(description)) + ")";
}

std::string kind_text(TableKind kind) {
  switch (kind) {
    case TableKind::keyed:
      return "values";
    case TableKind::panes:
      return "panes";
    case TableKind::map:
      return "maps";
    case TableKind::list:
      return "lists";
    case TableKind::timers:
      return "timers";
  }
  return "unknown";
}

/// What does not fit, one line each; a value's type is looked at elsewhere.
void compare(const TableSchema& stored, const TableSchema& own, std::vector<std::string>& faults) {
  const std::string table = "table '" + own.name + "' of node " + std::to_string(own.node.value);
  if (stored.kind != own.kind) {
    faults.push_back(table + " holds " + kind_text(stored.kind) + ", the topology wants " +
                     kind_text(own.kind));
  }
  if (stored.key_type != own.key_type) {
    faults.push_back(table + " has keys of type " + type_text(stored.key_type) +
                     ", the topology wants " + type_text(own.key_type));
  }
  if (stored.subkey_type != own.subkey_type) {
    faults.push_back(table + " has subkeys of type " + type_text(stored.subkey_type) +
                     ", the topology wants " + type_text(own.subkey_type));
  }
  if (stored.has_ttl != own.has_ttl) {
    faults.push_back(table + (stored.has_ttl ? " has" : " does not have") +
                     " a TTL in the checkpoint; turning it on or off changes the stored values");
  }
}

[[noreturn]] void refuse(const std::vector<std::string>& faults) {
  std::string text = "the state does not fit the topology:";
  for (const std::string& each : faults) text += "\n  " + each;
  throw IncompatibleState{text};
}

}  // namespace

/// Brings entries of one stream after the other into the present form.
class ShardState::Loader {
 public:
  Loader(ShardState& shard, bool drops_unknown) : shard_{shard}, drops_unknown_{drops_unknown} {}

  /// What follows is stored in these forms. Throws: IncompatibleState.
  void begin(const ShardSchema& stored) {
    targets_.clear();
    std::vector<std::string> faults;
    for (const TableSchema& each : stored) add(each, faults);
    if (!faults.empty()) refuse(faults);
  }
  /// The table of an entry; null: it is to be skipped.
  Table* table_of(const TablePlace& place) {
    const Target* target = find(place);
    return target != nullptr ? target->table : nullptr;
  }
  /// A value in the present form; valid until the next call.
  std::string_view convert(const TablePlace& place, std::string_view value) {
    const Target* target = find(place);
    if (target == nullptr || target->migration == nullptr) return value;
    has_migrated_ = true;
    const std::size_t head = target->has_ttl ? sizeof(std::int64_t) : 0;
    ByteReader in{value};
    converted_ = in.raw(head);
    converted_ += target->migration->convert(in.rest());
    return converted_;
  }
  bool migrates(const TablePlace& place) {
    const Target* target = find(place);
    return target != nullptr && target->migration != nullptr;
  }
  bool has_migrated() const noexcept { return has_migrated_; }

 private:
  struct Target {
    NodeId node;
    TableId id;
    Table* table;  // Null: skipped.
    const Migration* migration;
    bool has_ttl;
  };

  void add(const TableSchema& stored, std::vector<std::string>& faults) {
    const auto own = shard_.tables_.find({stored.node, stored.table});
    if (own == shard_.tables_.end()) {
      if (!drops_unknown_) {
        faults.push_back("table '" + stored.name + "' of node " +
                         std::to_string(stored.node.value) + " is not in the topology any more");
      }
      targets_.push_back({stored.node, stored.table, nullptr, nullptr, stored.has_ttl});
      return;
    }
    const TableSchema& schema = *find_schema(shard_.schema_, stored.node, stored.table);
    compare(stored, schema, faults);
    const Migration* migration = nullptr;
    if (stored.value_type != schema.value_type) {
      migration = find_migration(own->second.migrations, stored.value_type);
      if (migration == nullptr) {
        faults.push_back("table '" + schema.name + "' of node " +
                         std::to_string(schema.node.value) + " has values of type " +
                         type_text(stored.value_type) + ", the topology wants " +
                         type_text(schema.value_type) + "; register a migration");
      }
    }
    targets_.push_back(
        {stored.node, stored.table, own->second.table.get(), migration, stored.has_ttl});
  }
  static const Migration* find_migration(const std::vector<Migration>& migrations,
                                         const std::string& stored_type) {
    const auto found = std::find_if(
        migrations.begin(), migrations.end(),
        [&](const Migration& each) { return each.from == hash_description(stored_type); });
    return found != migrations.end() ? &*found : nullptr;
  }
  const Target* find(const TablePlace& place) {
    if (last_ < targets_.size() && is_of(targets_[last_], place)) return &targets_[last_];
    for (last_ = 0; last_ < targets_.size(); ++last_) {
      if (is_of(targets_[last_], place)) return &targets_[last_];
    }
    throw CorruptState{"an entry of a table that its stream does not describe"};
  }
  static bool is_of(const Target& target, const TablePlace& place) {
    return target.node == place.node && target.id == place.table;
  }

  ShardState& shard_;
  const bool drops_unknown_;
  std::vector<Target> targets_;
  std::size_t last_ = 0;
  std::string converted_;
  bool has_migrated_ = false;
};

namespace {

void load_entry(Table& table, const StateOp& op, std::string_view value) {
  if (op.kind == StateOpKind::drop_table) {
    table.load_drop(parse_place(op.key).instance);
    return;
  }
  const EntryKey entry = parse_entry_key(op.key);
  switch (op.kind) {
    case StateOpKind::put:
    case StateOpKind::append:
      table.load_put(entry, value);
      return;
    case StateOpKind::erase:
      table.load_erase(entry);
      return;
    case StateOpKind::truncate_front:
      table.load_truncate(entry, op.value);
      return;
    case StateOpKind::drop_table:
      return;
  }
}

bool has_stored_value(StateOpKind kind) {
  return kind == StateOpKind::put || kind == StateOpKind::append;
}

/// Operations whose values are in their present form, less those of tables that are gone.
template <class Loader>
class ConvertedOps final : public OpCursor {
 public:
  ConvertedOps(OpCursor& ops, Loader& loader) : ops_{ops}, loader_{loader} {}
  bool next(StateOp& op) override {
    while (ops_.next(op)) {
      const TablePlace place = parse_place(op.key);
      if (loader_.table_of(place) == nullptr) continue;
      if (has_stored_value(op.kind)) op.value = loader_.convert(place, op.value);
      return true;
    }
    return false;
  }

 private:
  OpCursor& ops_;
  Loader& loader_;
};

}  // namespace

void ShardState::restore(const RestoreSource& source, CheckpointStorage& storage) {
  clear_tables();
  if (is_cold()) {
    load_into_store(source, storage);
    for (auto& [id, entry] : tables_) entry.table->attach_store();
  } else {
    load_into_tables(source, storage);
  }
  host_.applied = backlog_->applied();
  for (Pass& each : passes_) each.last = EventTime::min();
  account();
}

void ShardState::load_into_tables(const RestoreSource& source, CheckpointStorage& storage) {
  Loader loader{*this, source.drops_unknown_tables};
  const auto load_all = [&](OpCursor& ops) {
    StateOp op;
    while (ops.next(op)) {
      const TablePlace place = parse_place(op.key);
      Table* table = loader.table_of(place);
      if (table == nullptr) continue;
      load_entry(*table, op,
                 has_stored_value(op.kind) ? loader.convert(place, op.value) : op.value);
    }
  };
  const auto load_sorted = [&](std::unique_ptr<ChunkReader> reader) {
    SortedStreamReader entries{std::move(reader), options_.key_groups};
    loader.begin(entries.header().schema);
    PutCursor ops{entries};
    load_all(ops);
  };
  if (source.base) load_sorted(open_sorted_base(*source.base, storage));
  for (const StreamOpener& open : source.sorted) load_sorted(open());
  for (const StreamOpener& open : source.deltas) {
    StateStreamReader delta{open()};
    loader.begin(delta.header().schema);
    load_all(delta);
  }
  backlog_->reset(host_.delta, {});
  if (!loader.has_migrated() || !host_.keeps_deltas) return;
  for (auto& [id, entry] : tables_) entry.table->mark_all_dirty();
}

void ShardState::load_into_store(const RestoreSource& source, CheckpointStorage& storage) {
  ShardStore& store = *host_.store;
  Loader loader{*this, source.drops_unknown_tables};
  StateCut cut;
  const auto apply = [&](OpCursor& ops, const StreamHeader& header) {
    ConvertedOps<Loader> converted{ops, loader};
    store.apply(converted, header.cut, schema_);
    cut = header.cut;
  };
  const auto apply_sorted = [&](std::unique_ptr<ChunkReader> reader) {
    SortedStreamReader entries{std::move(reader), options_.key_groups};
    loader.begin(entries.header().schema);
    PutCursor ops{entries};
    apply(ops, entries.header());
  };
  if (!source.keeps_store) store.clear();
  if (source.base && source.base->kind != "sorted") {
    loader.begin(source.base->schema);
    store.restore_base(*source.base, storage);
    cut = source.base->cut;
    migrate_store(loader, *source.base);
  } else if (source.base) {
    apply_sorted(open_sorted_base(*source.base, storage));
  }
  for (const StreamOpener& open : source.sorted) apply_sorted(open());
  for (const StreamOpener& open : source.deltas) {
    StateStreamReader delta{open()};
    loader.begin(delta.header().schema);
    DeltaFold fold;
    fold.add(delta);
    apply(*fold.finish(), delta.header());
  }
  backlog_->reset(host_.delta, cut.checkpoint);
}

/// Entries of an older type are written anew in the present one.
void ShardState::migrate_store(Loader& loader, const Base& base) {
  for (const TableSchema& table : base.schema) {
    const TablePlace place{table.node, table.table, 0};
    if (!loader.migrates(place)) continue;
    const PlaceBytes first = place_bytes(place);
    const std::unique_ptr<EntryCursor> entries =
        host_.store->scan({first.data(), sizeof(NodeId) + sizeof(TableId)}, {});
    PutCursor puts{*entries};
    ConvertedOps<Loader> converted{puts, loader};
    host_.store->apply(converted, base.cut, schema_);
  }
}

}  // namespace weir::inline v0::detail
