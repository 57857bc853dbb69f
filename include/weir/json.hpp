// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/detail/json/containers.hpp"
#include "weir/detail/json/object.hpp"
#include "weir/detail/json/value.hpp"
#include "weir/error.hpp"
#include "weir/format.hpp"

namespace weir::inline v0 {

namespace detail {

/// A type that nlohmann_json converts: it has to_json() and from_json(), or an adl_serializer.
/// Where <nlohmann/json.hpp> is not included, there is none.
template <class T, class Json = nlohmann::json>
concept NlohmannType = requires(const T& value, const Json& json) {
  Json(value);
  json.template get<T>();
};

/// A type that is left to nlohmann_json.
template <class T>
concept HookedType =
    !Described<T> && !std::is_arithmetic_v<T> && !std::is_enum_v<T> && NlohmannType<T>;

/// Goes through a tree of nlohmann_json, for this value alone.
template <HookedType T>
struct JsonValue<T> {
  template <class Json = nlohmann::json>
  static void read(JsonReader& in, T& value) {
    const std::string_view text = in.skip_value();
    try {
      value = Json::parse(text.begin(), text.end()).template get<T>();
    } catch (const std::exception&) {
      in.fail("the value is refused by its type's from_json");  // Its message may quote the record.
    }
  }
  template <class Json = nlohmann::json>
  static void write(std::string& out, const T& value) {
    try {
      out += Json(value).dump();
    } catch (const std::exception&) {
      throw BadRecord("json: a value is refused by its type's to_json");
    }
  }
};

template <class T>
class JsonRules final : public FormatRules<T> {
 public:
  std::string name() const override { return "json"; }

  T decode(std::string_view bytes) const override {
    JsonReader in{bytes};
    T value{};
    read_json(in, value);
    in.finish();
    return value;
  }

  void encode(const T& value, std::string& out) const override { write_json(out, value); }
};

}  // namespace detail

/// A type that json<T>() can read and write.
template <class T>
concept JsonType = detail::JsonBuiltIn<T>;

/// Values of T as JSON, one object to a line.
///
///     WEIR_FIELDS(Click, user, price, at);       // struct Click { string, optional<double>, ...
///     }; weir::json<Click>().decode(R"({"user":"u1","at":1700000000000,"more":[1]})");
///
/// Described types take a fast path: no tree is built, members may come in any order, those that
/// no field has are skipped. A member that is missing is an error, unless its field is optional or
/// described by `field_or_default`; null stands for both. Fields are
///
///     bool, numbers          true, 1.5      a number out of the field's range is an error
///     std::string            "text"         so is std::array<char, N>, filled up with zeros
///     enums                  "red", 3       by name if they have names (fields.hpp)
///     EventTime, durations   1700000000000  milliseconds since the epoch; ticks
///     std::optional          1.5, null
///     containers             [1, 2]         of the standard library; std::pair and std::tuple too
///     maps                   {"a": 1}       keys are text, integers or enums with names
///     described types        {"x": 1}       also Keyed, Windowed, Change, Record
///
/// Any other type goes through nlohmann_json, alone or as a field: give it to_json() and
/// from_json() and include <nlohmann/json.hpp>. Equal values have equal text, also of unordered
/// containers. Decoding throws BadRecord as FormatRules says; so does encoding text that is not
/// UTF-8, infinities, and what is not a number.
template <JsonType T>
Format<T> json() {
  return Format<T>{std::make_shared<const detail::JsonRules<T>>()};
}

}  // namespace weir::inline v0
