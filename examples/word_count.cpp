// SPDX-License-Identifier: Apache-2.0

// How often each word occurs in a file or directory, by default a licence text.
//
//     word_count                                # prints the final counts of the GPL
//     word_count --out counts --work state text/
//     word_count --verify counts text/          # recounts in a plain loop and compares
//
// With --out every new count of every word is written to files, exactly once: kill the program,
// start it again with the same options, and it goes on where the last checkpoint was.

#include <cctype>
#include <cstdint>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support.hpp"

struct WordCount {
  std::string word;
  std::int64_t count = 0;
};
WEIR_FIELDS(WordCount, word, count);

namespace {

/// Runs of letters, in lower case.
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

std::map<std::string, std::int64_t> counts_by_plain_loop(const std::vector<std::string>& lines) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& line : lines) {
    for (const std::string& word : words_of(line)) ++counts[word];
  }
  return counts;
}

/// Each word must have been written with 1, 2, 3, ... up to its count, each once.
int verify(const std::string& out, const std::string& input) {
  std::map<std::string, std::map<std::int64_t, int>> written;
  std::int64_t total = 0;
  for (const std::string& line : example::lines_below(out)) {
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos || line == "word,count") continue;
    ++written[line.substr(0, comma)][std::stoll(line.substr(comma + 1))];
    ++total;
  }
  const auto expected = counts_by_plain_loop(example::lines_below(input));
  std::int64_t wrong = 0;
  for (const auto& [word, count] : expected) {
    const auto& counts = written[word];
    bool is_right = static_cast<std::int64_t>(counts.size()) == count;
    for (const auto& [number, times] : counts) is_right &= times == 1 && number <= count;
    if (!is_right) ++wrong;
  }
  if (wrong != 0 || written.size() != expected.size()) {
    std::cout << "word count: " << wrong << " of " << expected.size() << " words are wrong\n";
    return 1;
  }
  std::cout << "word count: " << total << " words, " << expected.size()
            << " different ones, each counted once\n";
  return 0;
}

void write_changes(const weir::Table<std::string, std::int64_t>& counts, const std::string& out) {
  counts.changes()
      .map([](const weir::Change<std::string, std::int64_t>& change) {
        return WordCount{change.key, *change.now};
      })
      .named("rows")
      .to("files", weir::io::write_files(out, weir::csv<WordCount>({.has_header = false})));
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, {"out", "work", "interval", "verify"}};
  const std::string input =
      arguments.paths().empty() ? "/usr/share/common-licenses/GPL-3" : arguments.paths().front();
  if (arguments.has("verify")) return verify(arguments.get("verify", ""), input);

  weir::Topology topology{"word-count"};
  const auto counts = topology.source("lines", weir::io::read_lines(input))
                          .flat_map(words_of)
                          .key_by(std::identity{})
                          .count();
  if (arguments.has("out")) {
    write_changes(counts, arguments.get("out", ""));
    return example::run(std::move(topology), example::job_options(arguments));
  }

  std::map<std::string, std::int64_t> latest;
  counts.changes().for_each("keep", [&latest](const weir::Keyed<std::string, std::int64_t>& count) {
    latest[count.key] = count.value;
  });
  const int result = example::run(std::move(topology), example::job_options(arguments));
  for (const auto& [word, count] : latest) std::cout << word << ' ' << count << '\n';
  return result;
}
