// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/detail/state/shard_store.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// The look-ups of one batch, done by a single multi_get().
class WEIR_API ColdFetch final {
 public:
  /// Adds a look-up; `item` is the caller's number for it.
  void add(std::size_t item, std::string_view entry_key);
  /// Calls take(item, value) once for each different key, in the order of the keys, with null for
  /// one that the store has not.
  void run(ShardStore& store,
           const std::function<void(std::size_t item, const std::string_view* value)>& take);

 private:
  struct Wanted {
    std::size_t begin;
    std::size_t size;
    std::size_t item;
  };

  std::string_view key_of(const Wanted& wanted) const noexcept {
    return std::string_view{bytes_}.substr(wanted.begin, wanted.size);
  }

  std::string bytes_;
  std::vector<Wanted> wanted_;
};

}  // namespace weir::inline v0::detail
