// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <sstream>
#include <vector>

#include "tests/simulation/simulation.hpp"
#include "weir/io/read.hpp"
#include "weir/io/write_files.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/random.hpp"

namespace simulation {
namespace {

using weir::Topology;
using weir::testing::World;

using Words = std::vector<std::string>;
using Count = weir::Change<std::string, std::int64_t>;

Words words_of(const std::string& line) {
  std::istringstream text{line};
  Words words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

/// From lines in a file to files of counts: no log, the checkpoint file is the commit.
class WordCount final : public Simulation {
 public:
  explicit WordCount(const Setting& setting) : setting_{setting} {
    weir::Random random{setting.seed};
    for (int line = 0; line < 60; ++line) {
      std::string text = "line";
      for (std::uint64_t words = random.below(4); words > 0; --words) {
        text += " word-" + std::to_string(random.below(5));
      }
      lines_.push_back(std::move(text));
    }
  }

  std::string name() const override { return "word count"; }

  void prepare(World& world) const override {
    world.disk().create_directories("in");
    const auto file = world.disk().create("in/lines.txt");
    for (const std::string& line : lines_) file->write(line + "\n");
    file->sync();
    world.disk().sync_directory("in");
    world.disk().sync_directory(".");
  }

  void build(Topology& topology, World&) const override {
    const bool drops_one = setting_.drops_one;
    topology.source("lines", weir::io::read_lines("in/lines.txt"))
        .flat_map([drops_one, last = lines_.back()](const std::string& line) {
          Words words = words_of(line);
          if (drops_one && line == last) words.pop_back();
          return words;
        })
        .key_by(std::identity{})
        .count()
        .changes()
        .map([](const Count& count) {
          return count.key + " " + std::to_string(count.now.value_or(0));
        })
        .to("out", weir::io::write_files("out", weir::text()));
  }

  /// Each word has been counted 1, 2, 3, ... up to how often it is there, each number once.
  std::string faults(World& world) const override {
    std::map<std::string, std::int64_t> expected;
    for (const std::string& line : lines_) {
      for (const std::string& word : words_of(line)) ++expected[word];
    }
    std::map<std::string, int> seen = published(world);
    std::string text;
    for (const auto& [word, count] : expected) {
      for (std::int64_t number = 1; number <= count; ++number) {
        const std::string line = word + " " + std::to_string(number);
        const int times = seen[line];
        seen.erase(line);
        if (times != 1) text += "'" + line + "' is there " + std::to_string(times) + " times; ";
      }
    }
    for (const auto& [line, times] : seen) text += "'" + line + "' should not be there; ";
    return text;
  }

 private:
  /// The lines of all published files, and how often each is there.
  static std::map<std::string, int> published(World& world) {
    std::map<std::string, int> lines;
    for (const std::string& path : world.disk().all_files()) {
      const std::size_t folder = path.find("out/");
      if (folder == std::string::npos || path.find("/.") != std::string::npos) continue;
      std::istringstream text{world.disk().content(path)};
      for (std::string line; std::getline(text, line);) ++lines[line];
    }
    return lines;
  }

  const Setting setting_;
  std::vector<std::string> lines_;
};

}  // namespace

std::unique_ptr<Simulation> word_count(const Setting& setting) {
  return std::make_unique<WordCount>(setting);
}

}  // namespace simulation
