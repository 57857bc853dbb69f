// SPDX-License-Identifier: Apache-2.0
#include "rocksdb/expiry_filter.hpp"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/slice.h>

#include <mutex>
#include <string>
#include <utility>

#include "weir/detail/state/entry_key.hpp"

namespace weir::inline v0::detail {
namespace {

namespace rocks = ::rocksdb;

struct Rules {
  StateCut cut;
  ShardSchema schema;
};

/// Of one compaction: the cut stays the one that it began with.
class Filter final : public rocks::CompactionFilter {
 public:
  explicit Filter(std::shared_ptr<const Rules> rules) : rules_{std::move(rules)} {}

  const char* Name() const override { return "weir.expiry"; }

  Decision FilterV2(int, const rocks::Slice& key, ValueType type, const rocks::Slice& value,
                    std::string*, std::string*) const override {
    if (rules_ == nullptr || type != ValueType::kValue || key.size() < kPlaceBytes) {
      return Decision::kKeep;
    }
    const TableSchema* table = table_of({key.data(), key.size()});
    if (table == nullptr) return Decision::kRemove;
    const bool is_stamped = table->has_ttl && value.size() >= sizeof(std::int64_t);
    if (!is_stamped) return Decision::kKeep;
    const bool is_gone = has_expired(*table, {value.data(), value.size()}, rules_->cut);
    return is_gone ? Decision::kRemove : Decision::kKeep;
  }

 private:
  /// Entries come in order: the table is most often the last one's.
  const TableSchema* table_of(std::string_view key) const {
    const TablePlace place = parse_place(key);
    const bool is_last =
        has_last_ && last_place_.node == place.node && last_place_.table == place.table;
    if (!is_last) {
      last_ = find_schema(rules_->schema, place.node, place.table);
      last_place_ = place;
      has_last_ = true;
    }
    return last_;
  }

  const std::shared_ptr<const Rules> rules_;  // Null: nothing may go.
  mutable const TableSchema* last_ = nullptr;
  mutable TablePlace last_place_;
  mutable bool has_last_ = false;
};

/// RocksDB's threads make filters while the background thread moves the cut on: a mutex for the
/// time it takes to copy a pointer.
class SharedRules final : public ExpiryRules,
                          public rocks::CompactionFilterFactory,
                          public std::enable_shared_from_this<SharedRules> {
 public:
  void set(const StateCut& cut, const ShardSchema& schema) override {
    auto rules = std::make_shared<const Rules>(Rules{cut, schema});
    const std::lock_guard lock{mutex_};
    rules_ = std::move(rules);
  }
  std::shared_ptr<rocks::CompactionFilterFactory> factory() override { return shared_from_this(); }

  const char* Name() const override { return "weir.expiry_rules"; }
  std::unique_ptr<rocks::CompactionFilter> CreateCompactionFilter(
      const rocks::CompactionFilter::Context&) override {
    const std::lock_guard lock{mutex_};
    return std::make_unique<Filter>(rules_);
  }

 private:
  std::mutex mutex_;  // Guards rules_.
  std::shared_ptr<const Rules> rules_;
};

}  // namespace

std::shared_ptr<ExpiryRules> make_expiry_rules() { return std::make_shared<SharedRules>(); }

}  // namespace weir::inline v0::detail
