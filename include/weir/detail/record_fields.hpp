// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <tuple>

#include "weir/fields.hpp"
#include "weir/record.hpp"
#include "weir/time.hpp"

// The descriptions of weir's own values: their names in JSON and in fingerprints.

namespace weir::inline v0 {

template <>
struct Fields<Window> {
  static constexpr auto all =
      std::tuple{field("start", &Window::start), field("end", &Window::end)};
};

template <>
struct Fields<Pane> {
  static constexpr auto all =
      std::tuple{field("timing", &Pane::timing), field("index", &Pane::index)};
};

template <>
struct EnumNames<PaneTiming> {
  static constexpr std::array all = {enum_name(PaneTiming::early, "early"),
                                     enum_name(PaneTiming::on_time, "on_time"),
                                     enum_name(PaneTiming::late, "late")};
};

template <class T>
struct Fields<Record<T>> {
  static constexpr auto all =
      std::tuple{field("value", &Record<T>::value), field("time", &Record<T>::time)};
};

template <class K, class V>
struct Fields<Keyed<K, V>> {
  static constexpr auto all =
      std::tuple{field("key", &Keyed<K, V>::key), field("value", &Keyed<K, V>::value)};
};

template <class K, class V>
struct Fields<Windowed<K, V>> {
  using Self = Windowed<K, V>;
  static constexpr auto all = std::tuple{field("key", &Self::key), field("value", &Self::value),
                                         field("start", &Self::start), field("end", &Self::end),
                                         field_or_default("pane", &Self::pane)};
};

template <class K, class V>
struct Fields<Change<K, V>> {
  using Self = Change<K, V>;
  static constexpr auto all =
      std::tuple{field("key", &Self::key), field("old", &Self::old), field("now", &Self::now)};
};

template <class K>
struct Fields<WindowKey<K>> {
  using Self = WindowKey<K>;
  static constexpr auto all =
      std::tuple{field("key", &Self::key), field("start", &Self::start), field("end", &Self::end)};
};

}  // namespace weir::inline v0
