// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace weir::inline v0 {

/// One described field of `Owner`: its name outside the program, and where it is.
template <class Owner, class Member>
struct Field {
  using Type = Member;

  std::string_view name;
  Member Owner::*member;
  /// Whether text without this field is a bad record. If not, the field keeps what `Owner{}` has.
  bool is_required = true;
};

/// Describes a field that must be there. A `std::optional` one may be missing all the same.
template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member) noexcept {
  return {name, member, true};
}

/// Describes a field that keeps its default where the text has none.
template <class Owner, class Member>
constexpr Field<Owner, Member> field_or_default(std::string_view name,
                                                Member Owner::*member) noexcept {
  return {name, member, false};
}

/// The description of a struct's fields, once for JSON, CSV and fingerprints. Specialise it, or
/// let the macro do so where names are the same inside and outside:
///
///     WEIR_FIELDS(Click, user, url, at)                       // at global scope
///
///     template <>
///     struct weir::Fields<Click> {
///       static constexpr auto all =
///           std::tuple{weir::field("userId", &Click::user), weir::field("url", &Click::url),
///                      weir::field_or_default("ts", &Click::at)};
///     };
template <class T>
struct Fields;

/// A type whose fields are described.
template <class T>
concept Described = requires {
  Fields<T>::all;
};

/// The description of T, a tuple of `Field`s in order.
template <Described T>
inline constexpr const auto& fields = Fields<T>::all;

/// How many fields of T are described.
template <Described T>
inline constexpr std::size_t field_count =
    std::tuple_size_v<std::remove_cvref_t<decltype(Fields<T>::all)>>;

/// Calls `visit(field)` for each described field of T, in order.
template <Described T, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&visit](const auto&... each) { (visit(each), ...); }, Fields<T>::all);
}

/// The names of an enum's values outside the program, for JSON and CSV; without them they are
/// numbers there. Specialise it, or let the macro do so:
///
///     WEIR_ENUM(Colour, red, green)                            // at global scope
///
///     template <>
///     struct weir::EnumNames<Colour> {
///       static constexpr std::array all = {weir::enum_name(Colour::red, "RED")};
///     };
template <class Enum>
struct EnumNames;

/// One value of an enum and its name.
template <class Enum>
struct EnumName {
  Enum value;
  std::string_view name;
};
template <class Enum>
constexpr EnumName<Enum> enum_name(Enum value, std::string_view name) noexcept {
  return {value, name};
}

/// An enum whose values have names.
template <class Enum>
concept NamedEnum = requires {
  EnumNames<Enum>::all;
};

}  // namespace weir::inline v0

// The recursion that lets WEIR_FIELDS walk up to 64 names: each EXPAND rescans four times.
#define WEIR_DETAIL_EXPAND(...) WEIR_DETAIL_EXPAND2(WEIR_DETAIL_EXPAND2(__VA_ARGS__))
#define WEIR_DETAIL_EXPAND2(...) WEIR_DETAIL_EXPAND1(WEIR_DETAIL_EXPAND1(__VA_ARGS__))
#define WEIR_DETAIL_EXPAND1(...) WEIR_DETAIL_EXPAND0(WEIR_DETAIL_EXPAND0(__VA_ARGS__))
#define WEIR_DETAIL_EXPAND0(...) WEIR_DETAIL_RESCAN(WEIR_DETAIL_RESCAN(__VA_ARGS__))
#define WEIR_DETAIL_RESCAN(...) WEIR_DETAIL_RESCAN1(WEIR_DETAIL_RESCAN1(__VA_ARGS__))
#define WEIR_DETAIL_RESCAN1(...) __VA_ARGS__
#define WEIR_DETAIL_PARENS ()
#define WEIR_DETAIL_NEXT_FIELD() WEIR_DETAIL_EACH_FIELD
#define WEIR_DETAIL_EACH_FIELD(Type, name, ...) \
  ::weir::field(#name, &Type::name)             \
      __VA_OPT__(, WEIR_DETAIL_NEXT_FIELD WEIR_DETAIL_PARENS(Type, __VA_ARGS__))

#define WEIR_DETAIL_NEXT_NAME() WEIR_DETAIL_EACH_NAME
#define WEIR_DETAIL_EACH_NAME(Enum, name, ...) \
  ::weir::enum_name(Enum::name, #name)         \
      __VA_OPT__(, WEIR_DETAIL_NEXT_NAME WEIR_DETAIL_PARENS(Enum, __VA_ARGS__))

/// Describes the named fields of a type, at global scope: `WEIR_FIELDS(Click, user, url, at)`.
/// All of them are required, but for optional ones; up to 32.
#define WEIR_FIELDS(Type, ...)                                                       \
  template <>                                                                        \
  struct weir::Fields<Type> {                                                        \
    static constexpr auto all =                                                      \
        ::std::tuple{WEIR_DETAIL_EXPAND(WEIR_DETAIL_EACH_FIELD(Type, __VA_ARGS__))}; \
  }

/// Names the values of an enum as they are in the program: `WEIR_ENUM(Colour, red, green)`.
#define WEIR_ENUM(Enum, ...)                                           \
  template <>                                                          \
  struct weir::EnumNames<Enum> {                                       \
    static constexpr ::std::array all = {                              \
        WEIR_DETAIL_EXPAND(WEIR_DETAIL_EACH_NAME(Enum, __VA_ARGS__))}; \
  }
