// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::inline v0::detail {

/// What a file is while it is written.
inline constexpr std::string_view kHiddenPrefix = ".part-";

/// What makes a file's name unlike every other: "<run>-<token>-<number>".
struct FileNumber {
  std::uint64_t run = 0;       ///< Grows with each start, restore and roll-back.
  std::string token;           ///< 16 hexadecimal digits, drawn at the same moment.
  std::uint64_t sequence = 0;  ///< Of the file in its run.
};

/// "part-3-5f3c9a0e77d1b2c4-000012.csv"
std::string file_name(std::string_view prefix, const FileNumber& number, std::string_view suffix);
/// Whether a name, hidden or not, is one of this prefix, of any suffix.
std::optional<FileNumber> parse_file_name(std::string_view name, std::string_view prefix);
bool is_hidden_name(std::string_view name);
std::string hidden_name(std::string_view name);

/// Empty, or why a bucket is no path below the directory.
std::string why_bucket_is_wrong(std::string_view bucket);

}  // namespace weir::inline v0::detail
