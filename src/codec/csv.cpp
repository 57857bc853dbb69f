// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "weir/detail/csv_columns.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {

namespace {

constexpr std::size_t kNoCell = std::numeric_limits<std::size_t>::max();
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

[[noreturn]] void throw_bad_line(const std::string& what) { throw BadRecord("csv: " + what); }

std::vector<std::string> split_header(std::string_view line, char separator) {
  // The names of columns are a line like any other, of a file without fixed columns.
  std::vector<CsvColumn> columns(
      1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), separator)),
      CsvColumn{"of the header", false});
  const CsvLayout layout{separator, /*has_header=*/false, std::move(columns)};
  CsvRow row{layout, line};
  std::vector<std::string> names;
  while (names.size() < row.cell_count()) names.emplace_back(row.next().text);
  return names;
}

}  // namespace

CsvLayout::CsvLayout(char separator, bool has_header, std::vector<CsvColumn> columns)
    : separator_{separator},
      has_header_{has_header},
      columns_{std::move(columns)},
      cells_{columns_.size()} {
  if (std::string_view{",;|\t"}.find(separator) == std::string_view::npos) {
    throw ConfigError("the separator of a CSV format is none of , ; | and tab");
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) cell_of_column_.push_back(i);
}

std::string CsvLayout::header() const {
  std::string line;
  if (!has_header_) return line;
  CsvCells cells{*this, line};
  for (const CsvColumn& column : columns_) cells.text(column.name);
  return line;
}

CsvLayout CsvLayout::with_header(std::string_view line) const {
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  const std::vector<std::string> names = split_header(line, separator_);
  CsvLayout layout = *this;
  layout.cells_ = names.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), columns_[i].name);
    layout.cell_of_column_[i] =
        found == names.end() ? kNoCell : static_cast<std::size_t>(found - names.begin());
    if (found == names.end() && columns_[i].is_required) {
      throw_bad_line("the header has no column '" + columns_[i].name + "'");
    }
  }
  return layout;
}

CsvRow::CsvRow(const CsvLayout& layout, std::string_view line) : layout_{layout} {
  if (line.ends_with('\r')) line.remove_suffix(1);
  cells_.reserve(layout.cells_);
  for (bool is_last = false; !is_last;) cells_.push_back(take_cell(line, is_last));
  const bool may_lack_some = !layout.has_header();
  if (cells_.size() > layout.cells_ || (cells_.size() < layout.cells_ && !may_lack_some)) {
    throw_bad_line("the line has " + std::to_string(cells_.size()) + " columns instead of " +
                   std::to_string(layout.cells_));
  }
}

/// Takes a cell and the separator behind it off the line.
CsvRow::RawCell CsvRow::take_cell(std::string_view& line, bool& is_last) {
  RawCell cell;
  std::size_t end = 0;
  if (line.starts_with('"')) {
    cell.is_quoted = true;
    end = line.find('"', 1);
    while (end != std::string_view::npos && end + 1 < line.size() && line[end + 1] == '"') {
      cell.has_quotes = true;
      end = line.find('"', end + 2);
    }
    if (end == std::string_view::npos) throw_bad_line("a quote is not closed");
    cell.text = line.substr(1, end - 1);
    ++end;
    if (end < line.size() && line[end] != layout_.separator()) {
      throw_bad_line("column " + std::to_string(cells_.size() + 1) +
                     " goes on behind its closing quote");
    }
  } else {
    end = std::min(line.find(layout_.separator()), line.size());
    cell.text = line.substr(0, end);
  }
  is_last = end == line.size();
  line.remove_prefix(is_last ? end : end + 1);
  return cell;
}

CsvRow::Cell CsvRow::next() {
  const std::size_t index = layout_.cell_of_column_[column_++];
  if (index >= cells_.size()) {
    if (layout_.columns()[column_ - 1].is_required) fail("the line ends before it");
    return {};
  }
  const RawCell& cell = cells_[index];
  if (!cell.has_quotes) return {cell.text, cell.is_quoted};
  unquoted_.clear();
  for (std::size_t i = 0; i < cell.text.size(); ++i) {
    unquoted_ += cell.text[i];
    if (cell.text[i] == '"') ++i;
  }
  return {unquoted_, true};
}

void CsvRow::fail(const char* what) const {
  throw_bad_line("column '" + layout_.columns()[column_ - 1].name + "': " + what);
}

std::string& CsvCells::plain() {
  if (!is_first_) out_ += separator_;
  is_first_ = false;
  return out_;
}

void CsvCells::text(std::string_view text, bool is_there) {
  std::string& out = plain();
  const bool needs_quotes = text.empty() ? is_there
                                         : text.find_first_of("\"\r\n") != std::string_view::npos ||
                                               text.find(separator_) != std::string_view::npos ||
                                               text.front() == ' ' || text.back() == ' ';
  if (!needs_quotes) {
    out += text;
    return;
  }
  out += '"';
  for (const char each : text) {
    out += each;
    if (each == '"') out += '"';
  }
  out += '"';
}

}  // namespace weir::inline v0::detail
