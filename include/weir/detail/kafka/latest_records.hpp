// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/detail/kafka/encoded_records.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The last record of each key since they were passed on, in the order in which keys first changed.
/// Records without a key are all kept. Remembers keys that come again and again, and forgets all
/// when they no longer do.
class WEIR_API LatestRecords final {
 public:
  /// Takes all records out of `records`.
  void take(EncodedRecords& records);
  /// Appends what is held to `out`; then nothing is held.
  void move_to(EncodedRecords& out);
  std::size_t byte_count() const noexcept { return byte_count_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const noexcept;
  };
  /// A record, but for the bytes of its key.
  struct Slot {
    EncodedRecords::Entry entry;
    std::string value;
    bool is_held = false;
  };
  using Slots = std::unordered_map<std::string, Slot, Hash, std::equal_to<>>;

  void keep(const EncodedRecords::Entry& entry, std::string_view key, std::string_view value);

  Slots slots_;  // Node-based: pointers into it stay.
  std::vector<std::pair<const std::string*, Slot*>> held_;
  EncodedRecords keyless_;
  std::size_t byte_count_ = 0;
};

/// Appends one record of `from` to `to`.
WEIR_API void append_record(const EncodedRecords::Entry& entry, std::string_view key,
                            std::string_view value, EncodedRecords& to);

}  // namespace weir::inline v0::detail
