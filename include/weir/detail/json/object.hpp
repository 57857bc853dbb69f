// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weir/detail/json/reader.hpp"
#include "weir/detail/json/value.hpp"
#include "weir/detail/json/writer.hpp"
#include "weir/detail/record_fields.hpp"
#include "weir/fields.hpp"

// Described types in JSON. Part of weir/json.hpp.

namespace weir::inline v0::detail {

template <class T>
inline constexpr bool is_json_optional = false;
template <class T>
inline constexpr bool is_json_optional<std::optional<T>> = true;

/// Members are expected in the order of the description, which costs one comparison each; any
/// other order is found by name.
template <Described T>
struct JsonValue<T> {
  static void read(JsonReader& in, T& value) { Object{in, value}.read(Indices{}); }
  static void write(std::string& out, const T& value) { write_fields(out, value, Indices{}); }

 private:
  static constexpr std::size_t kCount = field_count<T>;
  static_assert(kCount > 0 && kCount <= 64, "a described type has 1 to 64 fields");

  using Indices = std::make_index_sequence<kCount>;

  template <std::size_t kIndex>
  static consteval auto field_at() {
    return std::get<kIndex>(Fields<T>::all);
  }

  /// One object on its way in.
  class Object {
   public:
    Object(JsonReader& in, T& value) : in_{in}, value_{value} {}

    template <std::size_t... I>
    void read(std::index_sequence<I...> indices) {
      more_ = in_.begin_object();
      while (more_) {
        (take_expected<I>(), ...);
        if (more_) take_any(indices);
      }
      (check<I>(), ...);
    }

   private:
    template <std::size_t kIndex>
    void take_expected() {
      if (more_ && in_.take_key(field_at<kIndex>().name)) read_field<kIndex>();
    }

    template <std::size_t... I>
    void take_any(std::index_sequence<I...>) {
      const std::string_view key = in_.key();
      const bool is_known = ((key == field_at<I>().name && (read_field<I>(), true)) || ...);
      if (is_known) return;
      in_.skip_value();
      more_ = in_.next_member();
    }

    template <std::size_t kIndex>
    void read_field() {
      constexpr auto field = field_at<kIndex>();
      in_.set_field(field.name);
      seen_ |= std::uint64_t{1} << kIndex;
      if (field.is_required || !in_.take_null()) read_json(in_, value_.*field.member);
      in_.set_field({});
      more_ = in_.next_member();
    }

    template <std::size_t kIndex>
    void check() {
      constexpr auto field = field_at<kIndex>();
      using Member = typename std::remove_cvref_t<decltype(field)>::Type;
      if constexpr (field.is_required && !is_json_optional<Member>) {
        if ((seen_ >> kIndex & 1) == 0) in_.fail_missing(field.name);
      }
    }

    JsonReader& in_;
    T& value_;
    bool more_ = false;
    std::uint64_t seen_ = 0;  // A bit for each field.
  };

  template <std::size_t kIndex>
  static void write_field(std::string& out, const T& value) {
    constexpr std::string_view kName = field_at<kIndex>().name;
    static_assert(is_plain_json_name(kName), "a field's name needs no escapes");
    static constexpr auto kStart = json_member_start<kName.size()>(kName, kIndex == 0);
    out.append(kStart.data(), kStart.size());
    write_json(out, value.*field_at<kIndex>().member);
  }

  template <std::size_t... I>
  static void write_fields(std::string& out, const T& value, std::index_sequence<I...>) {
    (write_field<I>(out, value), ...);
    out += '}';
  }
};

}  // namespace weir::inline v0::detail
