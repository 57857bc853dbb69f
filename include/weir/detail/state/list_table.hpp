// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "weir/codec.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// A list of values per key. Each element is an entry of its own in deltas, and expires alone.
template <StreamKey K, Encodable V>
class ListTable final {
 public:
  void append(std::uint64_t hash, const K& key, V value);
  /// visit(const V&) for each element, first to last, until one returns false. A read.
  template <class Visit>
  void for_each(std::uint64_t hash, const K& key, Visit&& visit);
  std::size_t size(std::uint64_t hash, const K& key);
  /// Removes the first `count` elements, or all there are.
  void truncate_front(std::uint64_t hash, const K& key, std::size_t count);
  /// Returns whether there were elements.
  bool erase(std::uint64_t hash, const K& key);
  /// As in KeyedTable: reads what is cold for a batch.
  template <class HashAt, class KeyAt>
  void prefetch(std::size_t count, HashAt&& hash_at, KeyAt&& key_at);
};

}  // namespace weir::inline v0::detail
