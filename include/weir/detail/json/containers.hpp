// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "weir/detail/json/reader.hpp"
#include "weir/detail/json/value.hpp"
#include "weir/detail/json/writer.hpp"
#include "weir/detail/scalar_text.hpp"
#include "weir/fields.hpp"

// The containers of the standard library in JSON. Part of weir/json.hpp.

namespace weir::inline v0::detail {

/// Appends texts in their order, so that an unordered container has one form only.
inline void append_sorted(std::string& out, std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  for (const std::string& each : texts) {
    if (&each != texts.data()) out += ',';
    out += each;
  }
}

/// An array of any length.
template <class C>
struct JsonSequence {
  using Element = typename C::value_type;

  static void read(JsonReader& in, C& container) {
    container.clear();
    for (bool more = in.begin_array(); more; more = in.next_element()) {
      Element element{};
      read_json(in, element);
      container.insert(container.end(), std::move(element));
    }
  }
  static void write(std::string& out, const C& container) {
    out += '[';
    if constexpr (requires { typename C::hasher; }) {
      std::vector<std::string> texts;
      for (const Element& each : container) write_json(texts.emplace_back(), each);
      append_sorted(out, texts);
    } else {
      bool is_first = true;
      for (const auto& each : container) {
        if (!is_first) out += ',';
        is_first = false;
        write_json<Element>(out, each);
      }
    }
    out += ']';
  }
};

template <class Key>
void read_json_key(JsonReader& in, Key& key) {
  const std::string_view text = in.key();
  if constexpr (std::same_as<Key, std::string>) {
    key = text;
  } else if constexpr (NamedEnum<Key>) {
    const auto named = find_enum<Key>(text);
    if (!named) in.fail("a key is none of its enum's names");
    key = *named;
  } else {
    static_assert(std::integral<Key>, "the keys of a JSON object are text, integers or enums");
    const auto number = parse_integer<Key>(text);
    if (!number) in.fail("a key is no whole number, or out of its range");
    key = *number;
  }
}

template <class Key>
void write_json_key(std::string& out, const Key& key) {
  if constexpr (std::same_as<Key, std::string>) {
    append_json_string(out, key);
  } else if constexpr (NamedEnum<Key>) {
    append_json_string(out, name_of_enum(key));
  } else {
    static_assert(std::integral<Key>, "the keys of a JSON object are text, integers or enums");
    out += '"';
    append_integer(out, key);
    out += '"';
  }
}

/// An object whose members are the entries.
template <class C>
struct JsonMap {
  using Key = typename C::key_type;
  using Value = typename C::mapped_type;

  static void read(JsonReader& in, C& container) {
    container.clear();
    for (bool more = in.begin_object(); more; more = in.next_member()) {
      Key key{};
      read_json_key(in, key);
      read_json(in, container[std::move(key)]);
    }
  }
  static void write(std::string& out, const C& container) {
    out += '{';
    if constexpr (requires { typename C::hasher; }) {
      std::vector<std::string> texts;
      for (const auto& entry : container) write_entry(texts.emplace_back(), entry);
      append_sorted(out, texts);
    } else {
      bool is_first = true;
      for (const auto& entry : container) {
        if (!is_first) out += ',';
        is_first = false;
        write_entry(out, entry);
      }
    }
    out += '}';
  }

 private:
  static void write_entry(std::string& out, const typename C::value_type& entry) {
    write_json_key(out, entry.first);
    out += ':';
    write_json(out, entry.second);
  }
};

template <class T, class A>
struct JsonValue<std::vector<T, A>> : JsonSequence<std::vector<T, A>> {};
template <class T, class A>
struct JsonValue<std::deque<T, A>> : JsonSequence<std::deque<T, A>> {};
template <class T, class A>
struct JsonValue<std::list<T, A>> : JsonSequence<std::list<T, A>> {};
template <class T, class C, class A>
struct JsonValue<std::set<T, C, A>> : JsonSequence<std::set<T, C, A>> {};
template <class T, class H, class E, class A>
struct JsonValue<std::unordered_set<T, H, E, A>> : JsonSequence<std::unordered_set<T, H, E, A>> {};
template <class K, class V, class C, class A>
struct JsonValue<std::map<K, V, C, A>> : JsonMap<std::map<K, V, C, A>> {};
template <class K, class V, class H, class E, class A>
struct JsonValue<std::unordered_map<K, V, H, E, A>> : JsonMap<std::unordered_map<K, V, H, E, A>> {};

// --- fixed sets of values ----------------------------------------------------------------------

/// Reads and writes the elements of a tuple, pair or array as an array of just as many.
template <class Tuple>
struct JsonTuple {
  static void read(JsonReader& in, Tuple& tuple) {
    bool more = in.begin_array();
    std::apply([&](auto&... each) { (read_element(in, each, more), ...); }, tuple);
    if (more) in.fail("the array has more elements than its type");
  }
  static void write(std::string& out, const Tuple& tuple) {
    out += '[';
    bool is_first = true;
    const auto write_element = [&](const auto& element) {
      if (!is_first) out += ',';
      is_first = false;
      write_json(out, element);
    };
    std::apply([&](const auto&... each) { (write_element(each), ...); }, tuple);
    out += ']';
  }

 private:
  template <class Element>
  static void read_element(JsonReader& in, Element& element, bool& more) {
    if (!more) in.fail("the array has fewer elements than its type");
    read_json(in, element);
    more = in.next_element();
  }
};

template <class A, class B>
struct JsonValue<std::pair<A, B>> : JsonTuple<std::pair<A, B>> {};
template <class... T>
struct JsonValue<std::tuple<T...>> : JsonTuple<std::tuple<T...>> {};
template <class T, std::size_t kSize>
struct JsonValue<std::array<T, kSize>> : JsonTuple<std::array<T, kSize>> {};

}  // namespace weir::inline v0::detail
