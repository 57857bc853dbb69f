// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "weir/codec.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// A map from S to V per key. Each element is an entry of its own in deltas, and expires alone.
/// Pointers and references hold until the next call on the same key.
template <StreamKey K, StreamKey S, Encodable V>
class MapTable final {
 public:
  V* find(std::uint64_t hash, const K& key, const S& subkey);
  V* find_mutable(std::uint64_t hash, const K& key, const S& subkey);
  V& get_or_create(std::uint64_t hash, const K& key, const S& subkey);
  bool erase(std::uint64_t hash, const K& key, const S& subkey);
  /// Removes all elements of a key. Returns whether there were any.
  bool erase_all(std::uint64_t hash, const K& key);
  /// visit(const S&, V&) for each element until one returns false; in the order of the subkeys'
  /// bytes if the shard is ordered. A read.
  template <class Visit>
  void for_each(std::uint64_t hash, const K& key, Visit&& visit);
  std::size_t size(std::uint64_t hash, const K& key);
  /// As in KeyedTable: reads what is cold for a batch.
  template <class HashAt, class KeyAt>
  void prefetch(std::size_t count, HashAt&& hash_at, KeyAt&& key_at);
};

}  // namespace weir::inline v0::detail
