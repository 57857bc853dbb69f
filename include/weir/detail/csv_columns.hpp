// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "weir/detail/record_fields.hpp"
#include "weir/detail/scalar_text.hpp"
#include "weir/export.hpp"
#include "weir/fields.hpp"
#include "weir/time.hpp"

// How a described type becomes the columns of a CSV file. Part of weir/csv.hpp.

namespace weir::inline v0::detail {

struct CsvColumn {
  std::string name;
  bool is_required = true;
};

/// Which columns a file has, and where.
class WEIR_API CsvLayout final {
 public:
  /// Throws: ConfigError, if the separator is none of , ; | and tab.
  CsvLayout(char separator, bool has_header, std::vector<CsvColumn> columns);

  char separator() const noexcept { return separator_; }
  bool has_header() const noexcept { return has_header_; }
  const std::vector<CsvColumn>& columns() const noexcept { return columns_; }
  /// The first line of a file; empty without a header.
  std::string header() const;
  /// For a file with that first line. Throws: BadRecord, if a required column is not there.
  CsvLayout with_header(std::string_view line) const;

 private:
  friend class CsvRow;

  char separator_;
  bool has_header_;
  std::vector<CsvColumn> columns_;
  std::vector<std::size_t> cell_of_column_;  // kNoCell where the file has none.
  std::size_t cells_ = 0;                    // Of a line of the file.
};

/// One line taken apart. Cells are asked for in the order of the columns.
class WEIR_API CsvRow final {
 public:
  /// Throws: BadRecord, if the line is malformed or has another number of cells than the file.
  CsvRow(const CsvLayout& layout, std::string_view line);

  struct Cell {
    std::string_view text;
    bool is_quoted = false;
    /// Nothing between the separators, or no such column.
    bool is_empty() const noexcept { return text.empty() && !is_quoted; }
  };

  std::size_t cell_count() const noexcept { return cells_.size(); }
  /// The next column's cell. Valid until the next call.
  Cell next();
  /// Throws BadRecord about the cell that next() gave last: "csv: column 'price': ...".
  [[noreturn]] void fail(const char* what) const;

 private:
  struct RawCell {
    std::string_view text;
    bool is_quoted = false;
    bool has_quotes = false;
  };

  RawCell take_cell(std::string_view& line, bool& is_last);

  const CsvLayout& layout_;
  std::vector<RawCell> cells_;
  std::size_t column_ = 0;
  std::string unquoted_;
};

/// Appends one line, cell by cell.
class WEIR_API CsvCells final {
 public:
  CsvCells(const CsvLayout& layout, std::string& out) noexcept
      : separator_{layout.separator()}, out_{out} {}

  /// A cell that needs no quotes; the caller appends it.
  std::string& plain();
  /// A cell of text; in quotes where it needs them. `is_there` tells empty text from no text.
  void text(std::string_view text, bool is_there = false);

 private:
  const char separator_;
  std::string& out_;
  bool is_first_ = true;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

/// What fits into one cell.
template <class T>
concept CsvScalar = std::same_as<T, std::string> || std::integral<T> || std::same_as<T, float> ||
    std::same_as<T, double> || std::is_enum_v<T> || std::same_as<T, EventTime> || is_duration<T>;

template <CsvScalar T>
void read_scalar(const CsvRow& row, std::string_view text, T& value) {
  if constexpr (std::same_as<T, std::string>) {
    value = text;
  } else if constexpr (std::same_as<T, bool>) {
    if (text != "true" && text != "false") row.fail("true or false is expected");
    value = text == "true";
  } else if constexpr (std::integral<T>) {
    const auto number = parse_integer<T>(text);
    if (!number) row.fail("a whole number that fits its field is expected");
    value = *number;
  } else if constexpr (std::floating_point<T>) {
    const auto number = parse_floating<T>(text);
    if (!number) row.fail("a number that fits its field is expected");
    value = *number;
  } else if constexpr (NamedEnum<T>) {
    const auto named = find_enum<T>(text);
    if (!named) row.fail("the name is none of its enum's");
    value = *named;
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    read_scalar(row, text, number);
    value = static_cast<T>(number);
  } else if constexpr (std::same_as<T, EventTime>) {
    std::int64_t ms = 0;
    read_scalar(row, text, ms);
    value = EventTime{ms};
  } else {
    typename T::rep ticks{};
    read_scalar(row, text, ticks);
    value = T{ticks};
  }
}

template <CsvScalar T>
void write_scalar(CsvCells& cells, const T& value, bool is_optional_value) {
  if constexpr (std::same_as<T, std::string>) {
    cells.text(value, is_optional_value);
  } else if constexpr (std::same_as<T, bool>) {
    cells.plain() += value ? "true" : "false";
  } else if constexpr (std::integral<T>) {
    append_integer(cells.plain(), value);
  } else if constexpr (std::floating_point<T>) {
    append_floating(cells.plain(), value);
  } else if constexpr (NamedEnum<T>) {
    cells.text(name_of_enum(value));
  } else if constexpr (std::is_enum_v<T>) {
    append_integer(cells.plain(), static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::same_as<T, EventTime>) {
    append_signed(cells.plain(), value.ms());
  } else {
    write_scalar(cells, value.count(), is_optional_value);
  }
}

template <class T>
void read_column(CsvRow& row, T& value, bool is_required);

template <Described T>
void read_columns(CsvRow& row, T& value, bool is_required = true) {
  for_each_field<T>([&](const auto& field) {
    read_column(row, value.*field.member, is_required && field.is_required);
  });
}

template <class T>
void read_column(CsvRow& row, T& value, bool is_required) {
  if constexpr (Described<T>) {
    read_columns(row, value, is_required);
  } else {
    const CsvRow::Cell cell = row.next();
    if constexpr (is_optional<T>) {
      value.reset();
      if (!cell.is_empty()) read_scalar(row, cell.text, value.emplace());
    } else {
      static_assert(CsvScalar<T>, "a CSV column holds text, a number, a bool, an enum or a time");
      if (cell.is_empty() && !is_required) return;
      read_scalar(row, cell.text, value);
    }
  }
}

template <class T>
void write_column(CsvCells& cells, const T& value) {
  if constexpr (Described<T>) {
    for_each_field<T>([&](const auto& field) { write_column(cells, value.*field.member); });
  } else if constexpr (is_optional<T>) {
    if (value) {
      write_scalar(cells, *value, true);
    } else {
      cells.plain();
    }
  } else {
    write_scalar(cells, value, false);
  }
}

template <Described T>
void write_columns(CsvCells& cells, const T& value) {
  write_column(cells, value);
}

template <Described T>
void append_columns(std::vector<CsvColumn>& columns, const std::string& prefix, bool is_required) {
  for_each_field<T>([&](const auto& field) {
    using Member = typename std::remove_cvref_t<decltype(field)>::Type;
    const std::string name = prefix + std::string{field.name};
    const bool must_be_there = is_required && field.is_required && !is_optional<Member>;
    if constexpr (Described<Member>) {
      append_columns<Member>(columns, name + '.', must_be_there);
    } else {
      columns.push_back({name, must_be_there});
    }
  });
}

template <Described T>
std::vector<CsvColumn> columns_of() {
  std::vector<CsvColumn> columns;
  append_columns<T>(columns, "", true);
  return columns;
}

}  // namespace weir::inline v0::detail
