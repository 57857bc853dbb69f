// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "weir/codec.hpp"

// Codecs of the containers of the standard library. Part of weir/codec.hpp.

namespace weir::inline v0 {

namespace detail {

/// Elements that are stored as the bytes that they are in memory.
template <class T>
concept ByteLike = sizeof(T) == 1 && !std::same_as<T, bool> &&
                   (std::integral<T> || std::same_as<T, std::byte>);

/// Memory that a count alone, not yet backed by elements, may make a decoder allocate.
inline constexpr std::size_t kReserveBytes = 64 * 1024;

template <class T>
std::size_t reservable(std::size_t count) {
  return std::min(count, kReserveBytes / sizeof(T));
}

/// Encoded entries of an unordered container: written one by one, appended in order of their
/// bytes, so that equal containers have equal bytes whatever their buckets look like.
class WEIR_API EntrySorter final {
 public:
  /// Where the next entry is written.
  ByteWriter& next() {
    starts_.push_back(bytes_.size());
    return bytes_;
  }
  void append_to(ByteWriter& out) const;

 private:
  ByteWriter bytes_;
  std::vector<std::size_t> starts_;
};

[[noreturn]] WEIR_API void throw_duplicate_entry(const ByteReader& in);

inline void append_name(std::string& out, std::string_view name) {
  out += name;
  out += '<';
}

/// A count, then the elements in order: vector, deque, list.
template <class Sequence>
struct SequenceCodec {
  using Element = typename Sequence::value_type;

  static void encode(ByteWriter& out, const Sequence& sequence) {
    out.varint(sequence.size());
    for (const auto& each : sequence) Codec<Element>::encode(out, each);
  }
  static Sequence decode(ByteReader& in) {
    const std::size_t count = decode_count(in);
    Sequence sequence;
    if constexpr (requires { sequence.reserve(count); }) {
      sequence.reserve(reservable<Element>(count));
    }
    for (std::size_t i = 0; i < count; ++i) sequence.push_back(Codec<Element>::decode(in));
    return sequence;
  }
  static void fingerprint(std::string& out) {
    append_name(out, "list");
    Codec<Element>::fingerprint(out);
    out += '>';
  }
};

/// How a set's element or a map's entry is stored.
template <class Container>
struct EntryCodec {
  using Entry = typename Container::value_type;

  static void encode(ByteWriter& out, const Entry& entry) { Codec<Entry>::encode(out, entry); }
  static void decode_into(Container& container, ByteReader& in) {
    container.insert(container.end(), Codec<Entry>::decode(in));
  }
  static void fingerprint(std::string& out) {
    append_name(out, "set");
    Codec<Entry>::fingerprint(out);
    out += '>';
  }
};

template <class Container>
requires requires { typename Container::mapped_type; }
struct EntryCodec<Container> {
  using Key = typename Container::key_type;
  using Value = typename Container::mapped_type;

  static void encode(ByteWriter& out, const typename Container::value_type& entry) {
    Codec<Key>::encode(out, entry.first);
    Codec<Value>::encode(out, entry.second);
  }
  static void decode_into(Container& container, ByteReader& in) {
    Key key = Codec<Key>::decode(in);
    container.emplace_hint(container.end(), std::move(key), Codec<Value>::decode(in));
  }
  static void fingerprint(std::string& out) {
    append_name(out, "map");
    Codec<Key>::fingerprint(out);
    append_comma(out);
    Codec<Value>::fingerprint(out);
    out += '>';
  }
};

/// A count, then the entries: of an ordered container in its order, else in order of their bytes.
template <class Container>
struct AssociativeCodec : EntryCodec<Container> {
  using Entries = EntryCodec<Container>;

  static void encode(ByteWriter& out, const Container& container) {
    out.varint(container.size());
    if constexpr (requires { typename Container::hasher; }) {
      EntrySorter sorter;
      for (const auto& entry : container) Entries::encode(sorter.next(), entry);
      sorter.append_to(out);
    } else {
      for (const auto& entry : container) Entries::encode(out, entry);
    }
  }
  static Container decode(ByteReader& in) {
    const std::size_t count = decode_count(in);
    Container container;
    for (std::size_t i = 0; i < count; ++i) Entries::decode_into(container, in);
    if (container.size() != count) throw_duplicate_entry(in);
    return container;
  }
};

}  // namespace detail

template <Encodable T, class A>
struct Codec<std::vector<T, A>> : detail::SequenceCodec<std::vector<T, A>> {};

/// Bytes are copied as a whole.
template <Encodable T, class A>
requires detail::ByteLike<T>
struct Codec<std::vector<T, A>> {
  static void encode(ByteWriter& out, const std::vector<T, A>& bytes) {
    out.sized({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  static std::vector<T, A> decode(ByteReader& in) {
    const std::string_view bytes = in.sized();
    const T* first = reinterpret_cast<const T*>(bytes.data());
    return std::vector<T, A>(first, first + bytes.size());
  }
  static void fingerprint(std::string& out) {
    detail::SequenceCodec<std::vector<T, A>>::fingerprint(out);
  }
};

template <Encodable T, class A>
struct Codec<std::deque<T, A>> : detail::SequenceCodec<std::deque<T, A>> {};

template <Encodable T, class A>
struct Codec<std::list<T, A>> : detail::SequenceCodec<std::list<T, A>> {};

template <Encodable T, class C, class A>
struct Codec<std::set<T, C, A>> : detail::AssociativeCodec<std::set<T, C, A>> {};

template <Encodable T, class H, class E, class A>
struct Codec<std::unordered_set<T, H, E, A>>
    : detail::AssociativeCodec<std::unordered_set<T, H, E, A>> {};

template <Encodable K, Encodable V, class C, class A>
struct Codec<std::map<K, V, C, A>> : detail::AssociativeCodec<std::map<K, V, C, A>> {};

template <Encodable K, Encodable V, class H, class E, class A>
struct Codec<std::unordered_map<K, V, H, E, A>>
    : detail::AssociativeCodec<std::unordered_map<K, V, H, E, A>> {};

/// The elements in order, without a count; an empty array is one zero byte.
template <Encodable T, std::size_t kSize>
struct Codec<std::array<T, kSize>> {
  using Array = std::array<T, kSize>;

  static void encode(ByteWriter& out, const Array& array) {
    if constexpr (kSize == 0) {
      out.u8(0);
    } else if constexpr (detail::ByteLike<T>) {
      out.raw({reinterpret_cast<const char*>(array.data()), kSize});
    } else {
      for (const T& each : array) Codec<T>::encode(out, each);
    }
  }
  static Array decode(ByteReader& in) {
    if constexpr (kSize == 0) in.u8();
    return decode_elements(in, std::make_index_sequence<kSize>{});
  }
  static void fingerprint(std::string& out) {
    out += "array<" + std::to_string(kSize) + ' ';
    Codec<T>::fingerprint(out);
    out += '>';
  }

 private:
  template <std::size_t... I>
  static Array decode_elements(ByteReader& in, std::index_sequence<I...>) {
    return Array{(static_cast<void>(I), Codec<T>::decode(in))...};
  }
};

}  // namespace weir::inline v0
