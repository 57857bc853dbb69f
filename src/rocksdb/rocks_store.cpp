// SPDX-License-Identifier: Apache-2.0
#include "rocksdb/rocks_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <optional>
#include <utility>
#include <vector>

#include "rocksdb/sorted_writer.hpp"
#include "rocksdb/status.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/entry_key.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

namespace rocks = ::rocksdb;

rocks::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocks::Slice& bytes) { return {bytes.data(), bytes.size()}; }

/// The first key behind all that start with `prefix`; empty: there is none.
std::string end_of(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty()) {
    const auto last = static_cast<unsigned char>(end.back());
    if (last != 0xff) {
      end.back() = static_cast<char>(last + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

class NoEntries final : public EntryCursor {
 public:
  bool next(std::string_view&, std::string_view&) override { return false; }
};

/// The entries of a prefix, as they were when it was made.
class RocksCursor final : public EntryCursor {
 public:
  RocksCursor(rocks::DB& db, std::string_view prefix, std::string_view from)
      : end_{end_of(prefix)}, end_slice_{end_} {
    rocks::ReadOptions options;
    options.fill_cache = false;
    if (!end_.empty()) options.iterate_upper_bound = &end_slice_;
    iterator_.reset(db.NewIterator(options));
    iterator_->Seek(slice(from > prefix ? from : prefix));
  }
  bool next(std::string_view& key, std::string_view& value) override {
    if (std::exchange(is_given_, true)) iterator_->Next();
    if (!iterator_->Valid()) {
      is_given_ = false;  // Asked again, it stays at the end.
      check(iterator_->status(), "read state");
      return false;
    }
    key = view(iterator_->key());
    value = view(iterator_->value());
    return true;
  }

 private:
  const std::string end_;
  const rocks::Slice end_slice_;
  std::unique_ptr<rocks::Iterator> iterator_;
  bool is_given_ = false;
};

rocks::WriteOptions without_log() {
  rocks::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace

RocksStore::RocksStore(RocksStoreOptions options)
    : options_{std::move(options)},
      data_{options_.directory + "/data"},
      rules_{make_expiry_rules()} {}

RocksStore::~RocksStore() {
  close();
  try {
    options_.files->remove_all(options_.directory);
  } catch (const IoError&) {  // The next start empties the directory.
  }
}

rocks::DB& RocksStore::open() {
  if (owned_ != nullptr) return *owned_;
  if (rocks_options_ == nullptr) {
    rocks_options_ = std::make_unique<rocks::Options>();
    set_defaults(*rocks_options_);
    if (options_.configure) options_.configure(options_.name, *rocks_options_);
    set_required(*rocks_options_, options_.memory);
    rocks_options_->compaction_filter_factory = rules_->factory();
  }
  options_.files->create_directories(data_);
  rocks::DB* opened = nullptr;
  check(rocks::DB::Open(*rocks_options_, data_, &opened), "open the store " + options_.name);
  owned_.reset(opened);
  db_.store(opened, std::memory_order_release);
  return *owned_;
}

void RocksStore::close() noexcept {
  db_.store(nullptr, std::memory_order_release);
  owned_.reset();
}

void RocksStore::multi_get(std::span<const std::string_view> keys, FoundEntries& found) {
  rocks::DB* db = db_.load(std::memory_order_acquire);
  if (db == nullptr || keys.empty()) return;
  const std::size_t count = keys.size();
  std::vector<rocks::Slice> slices;
  slices.reserve(count);
  for (const std::string_view key : keys) slices.push_back(slice(key));
  std::vector<rocks::PinnableSlice> values(count);
  std::vector<rocks::Status> statuses(count);
  db->MultiGet(rocks::ReadOptions{}, db->DefaultColumnFamily(), count, slices.data(), values.data(),
               statuses.data(), true);
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].IsNotFound()) continue;
    check(statuses[i], "read state of " + options_.name);
    found.found(i, view(values[i]));
  }
}

std::unique_ptr<EntryCursor> RocksStore::scan(std::string_view prefix, std::string_view from) {
  rocks::DB* db = db_.load(std::memory_order_acquire);
  if (db == nullptr) return std::make_unique<NoEntries>();
  return std::make_unique<RocksCursor>(*db, prefix, from);
}

void RocksStore::apply(OpCursor& folded, const StateCut& cut, const ShardSchema& schema) {
  std::optional<SortedWriter> writer;
  StateOp op;
  while (folded.next(op)) {
    rocks::DB& db = open();
    if (!writer) writer.emplace(db, *rocks_options_, options_.directory);
    switch (op.kind) {
      case StateOpKind::put:
      case StateOpKind::append:
        writer->put(op.key, op.value);
        break;
      case StateOpKind::erase:
        writer->erase(op.key);
        break;
      // Ranges are done at once: entries in them, which come later, are not erased by them.
      case StateOpKind::truncate_front:
        truncate(db, op.key, op.value);
        break;
      case StateOpKind::drop_table:
        drop_place(db, op.key);
        break;
    }
  }
  if (writer) writer->finish();
  rules_->set(cut, schema);
  note_disk_bytes();
}

void RocksStore::drop_place(rocks::DB& db, std::string_view place) {
  std::string_view key;
  std::string_view value;
  if (!RocksCursor{db, place, {}}.next(key, value)) return;  // It never came here.
  const std::string end = end_of(place);
  check(db.DeleteRange(without_log(), db.DefaultColumnFamily(), slice(place), end),
        "drop a pane of " + options_.name);
}

void RocksStore::truncate(rocks::DB& db, std::string_view key, std::string_view limit) {
  RocksCursor elements{db, key, {}};
  rocks::WriteBatch batch;
  std::string_view element;
  std::string_view value;
  while (elements.next(element, value)) {
    if (!limit.empty() && element.substr(key.size()) >= limit) break;
    check(batch.Delete(slice(element)), "truncate a list");
  }
  if (batch.Count() > 0) check(db.Write(without_log(), &batch), "truncate a list");
}

void RocksStore::clear() {
  close();
  options_.files->remove_all(options_.directory);
  stored_.clear();
  note_disk_bytes();
}

void RocksStore::compact() {
  if (owned_ == nullptr) return;
  rocks::CompactRangeOptions options;
  options.bottommost_level_compaction = rocks::BottommostLevelCompaction::kForce;
  check(owned_->CompactRange(options, nullptr, nullptr), "compact the store " + options_.name);
  note_disk_bytes();
}

void RocksStore::note_disk_bytes() {
  std::uint64_t bytes = 0;
  if (owned_ != nullptr) {
    owned_->GetIntProperty(rocks::DB::Properties::kTotalSstFilesSize, &bytes);
  }
  disk_bytes_.store(bytes, std::memory_order_relaxed);
}

std::uint64_t RocksStore::disk_bytes() const { return disk_bytes_.load(std::memory_order_relaxed); }

}  // namespace weir::inline v0::detail
