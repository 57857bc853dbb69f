// SPDX-License-Identifier: Apache-2.0
#pragma once

// Words of a text, and their counts by a plain loop: what the programs that count words share.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace example {

/// Runs of letters, in lower case.
std::vector<std::string> words_of(const std::string& line);

/// For each word, how often each of its counts was written.
using WrittenCounts = std::map<std::string, std::map<std::int64_t, int>>;

/// Each word must have been written with 1, 2, 3, ... up to its count in the text, each once.
/// Prints what it found, and returns main()'s result.
int verify_counts(const WrittenCounts& written, const std::vector<std::string>& text);

}  // namespace example
