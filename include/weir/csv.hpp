// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/detail/csv_columns.hpp"
#include "weir/fields.hpp"
#include "weir/format.hpp"

namespace weir::inline v0 {

/// How a CSV file is written.
struct CsvOptions {
  /// Whether each file's first line names its columns. Then they may come in any order, and those
  /// that no field has are skipped; else they are the fields in order, and all of them.
  bool has_header = true;
  /// Between columns; one of , ; | and tab.
  char separator = ',';
};

/// Comma-separated values as RFC 4180 has them: cells with separators, quotes or line breaks stand
/// in double quotes, and a quote in them is doubled.
///
///     user,price,at                        // WEIR_FIELDS(Click, user, price, at)
///     u1,9.99,1700000000000
///     "Smith, J.",,1700000000001           // price is a std::optional<double>
///
/// Fields are text, numbers, bool (true, false), enums (their names, or numbers), EventTime and
/// durations (milliseconds, ticks), optional ones of these (an empty cell; text that is there and
/// empty is ""), and described structs of these, whose columns are named `field.inner`. A field
/// described by `field_or_default` keeps its default where its column is missing or empty.
/// Throws: ConfigError for another separator. What it decodes: BadRecord, as FormatRules says.
template <Described T>
Format<T> csv(const CsvOptions& options = {});

namespace detail {

template <class T>
class CsvRules final : public FormatRules<T> {
 public:
  explicit CsvRules(const CsvOptions& options)
      : layout_{options.separator, options.has_header, columns_of<T>()} {}
  explicit CsvRules(CsvLayout layout) : layout_{std::move(layout)} {}

  std::string name() const override { return "csv"; }
  Framing framing() const override { return Framing::quoted_lines; }

  T decode(std::string_view bytes) const override {
    CsvRow row{layout_, bytes};
    T value{};
    read_columns(row, value);
    return value;
  }

  void encode(const T& value, std::string& out) const override {
    CsvCells cells{layout_, out};
    write_columns(cells, value);
  }

  std::string header() const override { return layout_.header(); }

  std::shared_ptr<const FormatRules<T>> with_header(std::string_view line) const override {
    if (!layout_.has_header()) return nullptr;
    return std::make_shared<const CsvRules>(layout_.with_header(line));
  }

 private:
  const CsvLayout layout_;
};

}  // namespace detail

template <Described T>
Format<T> csv(const CsvOptions& options) {
  return Format<T>{std::make_shared<const detail::CsvRules<T>>(options)};
}

}  // namespace weir::inline v0
