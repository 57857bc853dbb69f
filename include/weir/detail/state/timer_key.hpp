// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "weir/bytes.hpp"
#include "weir/codec.hpp"
#include "weir/detail/state/stored_key.hpp"
#include "weir/stable_hash.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// A timer that is due.
template <class K>
struct Timer {
  std::uint64_t hash = 0;  ///< Of the key.
  K key;
  EventTime time;
  std::string name;
};

/// A value without content: timers are all key.
struct Nothing {};

/// The subkey of a timer's entry: its time (big-endian, in order), then its name.
WEIR_API void append_timer_subkey(std::string& out, EventTime time, std::string_view name);
/// Takes it apart. Throws: CorruptState.
WEIR_API EventTime parse_timer_subkey(std::string_view subkey, std::string_view& name);
/// The hash of a timer: the key group is that of its key.
WEIR_API std::uint64_t timer_hash(std::uint64_t key_hash, EventTime time,
                                  std::string_view name) noexcept;

/// How a table holds timers. Names are rare: they lie apart.
template <class K>
struct StoredTimer {
  typename StoredKey<K>::Type key;
  EventTime time;
  std::unique_ptr<const std::string> name;

  std::string_view name_view() const noexcept { return name ? *name : std::string_view{}; }
};

/// The key part of a timer's entry.
template <class K>
struct KeyBytes<Timer<K>> {
  static std::string_view of(const Timer<K>& timer, std::string& scratch) {
    return KeyBytes<K>::of(timer.key, scratch);
  }
};

/// A table holds timers by key, time and name; the entry's key is the timer's key.
template <class K>
struct StoredKey<Timer<K>> {
  using Type = StoredTimer<K>;
  /// Timers are found by time, not by key: they are never cold.
  static constexpr bool kStaysInMemory = true;
  struct Scratch {
    typename StoredKey<K>::Scratch key;
    std::string bytes;
    std::optional<Timer<K>> timer;
  };

  static Type make(const Timer<K>& timer) {
    return {typename StoredKey<K>::Type(StoredKey<K>::make(timer.key)), timer.time,
            timer.name.empty() ? nullptr : std::make_unique<const std::string>(timer.name)};
  }
  static bool equals(const Type& stored, const Timer<K>& timer) {
    return stored.time == timer.time && StoredKey<K>::equals(stored.key, timer.key) &&
           stored.name_view() == timer.name;
  }
  static const Timer<K>& get(const Type& stored, Scratch& scratch) {
    const std::uint64_t hash = stable_hash(StoredKey<K>::key_bytes(stored.key, scratch.bytes));
    scratch.timer.emplace(Timer<K>{hash, StoredKey<K>::get(stored.key, scratch.key), stored.time,
                                   std::string{stored.name_view()}});
    return *scratch.timer;
  }
  static std::string_view key_bytes(const Type& stored, std::string& scratch) {
    return StoredKey<K>::key_bytes(stored.key, scratch);
  }
  static std::string_view subkey_bytes(const Type& stored, std::string& scratch) {
    scratch.clear();
    append_timer_subkey(scratch, stored.time, stored.name_view());
    return scratch;
  }
  static Timer<K> decode(std::string_view key, std::string_view subkey) {
    std::string_view name;
    const EventTime time = parse_timer_subkey(subkey, name);
    return {stable_hash(key), StoredKey<K>::decode(key, {}), time, std::string{name}};
  }
  static std::uint64_t hash(const Timer<K>& timer, std::string&) noexcept {
    return timer_hash(timer.hash, timer.time, timer.name);
  }
};

}  // namespace weir::inline v0::detail

/// No bytes at all.
template <>
struct weir::Codec<weir::detail::Nothing> {
  static void encode(ByteWriter&, const detail::Nothing&) noexcept {}
  static detail::Nothing decode(ByteReader&) noexcept { return {}; }
  static void fingerprint(std::string& out) { out += "nothing"; }
};
