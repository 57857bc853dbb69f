// SPDX-License-Identifier: Apache-2.0

// How often each word occurs in a file or directory, by default a licence text.
//
//     word_count                                # prints the final counts of the GPL
//     word_count --out counts --work state text/
//     word_count --verify counts text/          # recounts in a plain loop and compares
//
// With --out every new count of every word is written to files, exactly once: kill the program,
// start it again with the same options, and it goes on where the last checkpoint was.

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>

#include "support.hpp"
#include "words.hpp"

struct WordCount {
  std::string word;
  std::int64_t count = 0;
};
WEIR_FIELDS(WordCount, word, count);

namespace {

int verify(const std::string& out, const std::string& input) {
  example::WrittenCounts written;
  for (const std::string& line : example::lines_below(out)) {
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos || line == "word,count") continue;
    ++written[line.substr(0, comma)][std::stoll(line.substr(comma + 1))];
  }
  return example::verify_counts(written, example::lines_below(input));
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
                          .flat_map(example::words_of)
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
