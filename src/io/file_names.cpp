// SPDX-License-Identifier: Apache-2.0
#include "io/file_names.hpp"

#include <charconv>
#include <chrono>

#include "weir/detail/io/file_output.hpp"
#include "weir/error.hpp"
#include "weir/io/write_files.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::size_t kTokenDigits = 16;
constexpr std::size_t kMinSequenceDigits = 6;
constexpr std::size_t kMaxBucketBytes = 1024;
constexpr std::size_t kMaxPartBytes = 200;

std::string padded(std::uint64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

/// Takes a number off the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take_dash(std::string_view& text) {
  if (text.empty() || text.front() != '-') return false;
  text.remove_prefix(1);
  return true;
}

bool take(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

std::string why_part_is_wrong(std::string_view part) {
  if (part.empty()) return "has an empty part";
  if (part.front() == '.') return "has a part that begins with a dot";
  if (part.size() > kMaxPartBytes) {
    return "has a part of more than " + std::to_string(kMaxPartBytes) + " bytes";
  }
  return {};
}

}  // namespace

std::string file_name(std::string_view prefix, const FileNumber& number, std::string_view suffix) {
  std::string name{prefix};
  name += '-' + std::to_string(number.run) + '-' + number.token + '-' +
          padded(number.sequence, kMinSequenceDigits);
  return name.append(suffix);
}

std::optional<FileNumber> parse_file_name(std::string_view name, std::string_view prefix) {
  if (is_hidden_name(name)) name.remove_prefix(kHiddenPrefix.size());
  if (!take(name, prefix) || !take_dash(name)) return std::nullopt;
  FileNumber number;
  const auto run = take_number(name);
  if (!run || !take_dash(name) || name.size() <= kTokenDigits) return std::nullopt;
  number.run = *run;
  number.token = name.substr(0, kTokenDigits);
  if (number.token.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  name.remove_prefix(kTokenDigits);
  if (!take_dash(name)) return std::nullopt;
  const auto sequence = take_number(name);
  if (!sequence) return std::nullopt;
  number.sequence = *sequence;
  return number;
}

bool is_hidden_name(std::string_view name) {
  return name.substr(0, kHiddenPrefix.size()) == kHiddenPrefix;
}

std::string hidden_name(std::string_view name) { return std::string{kHiddenPrefix}.append(name); }

std::string why_bucket_is_wrong(std::string_view bucket) {
  if (bucket.empty()) return {};  // The directory itself.
  if (bucket.size() > kMaxBucketBytes) {
    return "has more than " + std::to_string(kMaxBucketBytes) + " bytes";
  }
  for (const char byte : bucket) {
    if (static_cast<unsigned char>(byte) < ' ') return "contains a control character";
  }
  while (true) {
    const std::size_t slash = bucket.find('/');
    std::string why = why_part_is_wrong(bucket.substr(0, slash));
    if (!why.empty() || slash == std::string_view::npos) return why;
    bucket.remove_prefix(slash + 1);
  }
}

void throw_line_break(std::string_view format) {
  throw BadRecord("a record contains a line break, which the format '" + std::string{format} +
                  "' cannot have: it writes one line per record; remove it before, or use another "
                  "format");
}

std::string suffix_for(std::string_view format) {
  if (format == "text") return ".txt";
  for (const char letter : format) {
    const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    if (!is_plain) return {};
  }
  return format.empty() ? "" : "." + std::string{format};
}

}  // namespace weir::inline v0::detail

namespace weir::inline v0::io {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;

std::chrono::sys_time<Duration> sys_time_of(EventTime time) {
  return std::chrono::sys_time<Duration>{Duration{time.ms()}};
}

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::string utc_day(EventTime time) {
  const std::chrono::year_month_day date{floor<days>(sys_time_of(time))};
  return std::to_string(static_cast<int>(date.year())) + '-' +
         two_digits(static_cast<unsigned>(date.month())) + '-' +
         two_digits(static_cast<unsigned>(date.day()));
}

std::string utc_hour(EventTime time) {
  const auto hour = floor<hours>(sys_time_of(time)) - floor<days>(sys_time_of(time));
  return utc_day(time) + '-' + two_digits(static_cast<unsigned>(hour.count()));
}

}  // namespace weir::inline v0::io
