// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "weir/detail/state/table_schema.hpp"

namespace rocksdb {
class CompactionFilterFactory;
}

namespace weir::inline v0::detail {

/// What compactions of one store may drop: entries that had expired at the cut which the store
/// holds, and entries of tables that are gone. Never by any other clock: so the store stays that
/// cut, less what had expired in it.
class ExpiryRules {
 public:
  virtual ~ExpiryRules() = default;
  /// The store holds this cut now. Any thread.
  virtual void set(const StateCut& cut, const ShardSchema& schema) = 0;
  /// What RocksDB asks at each compaction.
  virtual std::shared_ptr<::rocksdb::CompactionFilterFactory> factory() = 0;
};

std::shared_ptr<ExpiryRules> make_expiry_rules();

}  // namespace weir::inline v0::detail
