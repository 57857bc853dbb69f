// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "weir/codec.hpp"
#include "weir/key.hpp"

namespace weir::inline v0::detail {

/// Values by key, of one node and shard; part of the checkpoints. `hash` is always hash_key(key).
///
/// References and pointers to values hold until the next call of get_or_create(), prefetch() or
/// erase() on the same table.
template <StreamKey K, Encodable V>
class KeyedTable final {
 public:
  /// The value for reading only; null: there is none. Counts as a read for the TTL.
  V* find(std::uint64_t hash, const K& key);
  /// The value for changing it; it is part of the next delta. Null: there is none. A write.
  V* find_mutable(std::uint64_t hash, const K& key);
  /// The value for changing it, V{} if there was none or an expired one. A write.
  V& get_or_create(std::uint64_t hash, const K& key);
  /// The same with `make()` in place of V{}.
  template <class Make>
  V& get_or_create(std::uint64_t hash, const K& key, Make&& make);
  /// Returns whether there was a value.
  bool erase(std::uint64_t hash, const K& key);

  /// Prepares look-ups of a batch: cold values are read at once, memory is fetched ahead where the
  /// table is larger than the cache. `hash_at(i)` and `key_at(i)` for i in [0, count). Cheap if
  /// there is nothing to do.
  template <class HashAt, class KeyAt>
  void prefetch(std::size_t count, HashAt&& hash_at, KeyAt&& key_at);
  void prefetch(const std::uint64_t* hashes, const K* keys, std::size_t count);

  /// visit(const K&, V&) for each entry; by key bytes if the shard is ordered. Values must not be
  /// changed, nor the table.
  template <class Visit>
  void for_each(Visit&& visit);

  /// Entries in memory: all there are, if is_complete().
  std::size_t size() const noexcept;
  /// True when nothing of the table is cold.
  bool is_complete() const noexcept;

  /// A visit of all entries in several steps; by key bytes if the shard is ordered. In between, the
  /// table may only lose entries that were visited.
  class Walk {
   public:
    /// Calls visit(hash, const K&, V&) for entry after entry, until one returns false. True when
    /// all were visited.
    template <class Visit>
    bool advance(Visit&& visit);
  };
  Walk walk();
};

}  // namespace weir::inline v0::detail
