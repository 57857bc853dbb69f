// SPDX-License-Identifier: Apache-2.0

// How often each word occurs in the lines of a topic: text-input -> word-count-output.
//
//     kafka_word_count --feed TEXT --work state     # sends the lines of a file or directory
//     kafka_word_count --work state                 # counts until Ctrl-C; --until-end: to the end
//     kafka_word_count --verify TEXT                # recounts in a plain loop and compares
//
// Every new count of every word is written once, whatever crashes: the word is the record's key,
// the count its value. Lines come without keys, so words are exchanged in memory: one process.

#include <cstdint>
#include <functional>
#include <string>

#include "kafka/kafka_support.hpp"
#include "weir/json.hpp"
#include "words.hpp"

namespace {

/// The file or directory behind an option; by default a licence text.
std::string text_of(const example::Arguments& arguments, const std::string& option) {
  const std::string named = arguments.get(option, "");
  return named.empty() ? "/usr/share/common-licenses/GPL-3" : named;
}

int feed(const example::Arguments& arguments, const std::string& text) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"word-count-feed"};
  topology.source("lines", weir::io::read_lines(text))
      .to("topic", kafka.topic("text-input", weir::text()));
  return example::run(std::move(topology), example::job_options(arguments));
}

int count(const example::Arguments& arguments) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"word-count"};
  topology.source("lines", example::input(kafka.topic("text-input", weir::text()), arguments))
      .flat_map(example::words_of)
      .key_by(std::identity{})
      .count()
      .changes()
      .to("counts", kafka.table("word-count-output", weir::text(), weir::json<std::int64_t>()));
  return example::run(std::move(topology), example::job_options(arguments));
}

int verify(const example::Arguments& arguments, const std::string& text) {
  using Count = weir::Keyed<std::string, std::int64_t>;
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  example::WrittenCounts written;
  const int result =
      example::read_to_end("word-count-verify",
                           kafka.topic("word-count-output", weir::json<std::int64_t>())
                               .until(weir::kafka::Until::end())
                               .with_keys(weir::text()),
                           [&written](const Count& count) { ++written[count.key][count.value]; });
  return result != 0 ? result : example::verify_counts(written, example::lines_below(text));
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, example::kafka_options()};
  if (arguments.has("feed")) return feed(arguments, text_of(arguments, "feed"));
  if (arguments.has("verify")) return verify(arguments, text_of(arguments, "verify"));
  return count(arguments);
}
