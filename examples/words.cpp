// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <utility>

namespace example {
namespace {

std::map<std::string, std::int64_t> counts_by_plain_loop(const std::vector<std::string>& lines) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& line : lines) {
    for (const std::string& word : words_of(line)) ++counts[word];
  }
  return counts;
}

bool are_right(const std::map<std::int64_t, int>& written, std::int64_t count) {
  return static_cast<std::int64_t>(written.size()) == count && written.begin()->first == 1 &&
         written.rbegin()->first == count &&
         std::all_of(written.begin(), written.end(),
                     [](const auto& each) { return each.second == 1; });
}

}  // namespace

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

int verify_counts(const WrittenCounts& written, const std::vector<std::string>& text) {
  const auto expected = counts_by_plain_loop(text);
  std::int64_t wrong = 0;
  std::int64_t total = 0;
  for (const auto& [word, count] : expected) {
    const auto counts = written.find(word);
    if (counts == written.end() || !are_right(counts->second, count)) ++wrong;
    total += count;
  }
  if (wrong != 0 || expected.empty() || written.size() != expected.size()) {
    std::cout << "word count: " << wrong << " of " << expected.size() << " words are wrong, "
              << written.size() << " were written\n";
    return 1;
  }
  std::cout << "word count: " << total << " words, " << expected.size()
            << " different ones, each counted once\n";
  return 0;
}

}  // namespace example
