// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/kafka/words.hpp"

#include <sstream>
#include <utility>

#include "weir/io/read.hpp"
#include "weir/io/write_files.hpp"
#include "weir/kafka.hpp"
#include "weir/keyed_stream.hpp"

namespace simulation {
namespace {

using weir::Topology;
using weir::kafka::Cluster;
using weir::kafka::Until;
using weir::testing::World;

using Count = weir::Change<std::string, std::int64_t>;

weir::Format<std::int64_t> numbers() {
  return weir::format<std::int64_t>(
      {.name = "number",
       .decode = [](std::string_view bytes) -> std::int64_t {
         return std::stoll(std::string{bytes});
       },
       .encode = [](const std::int64_t& value,
                    std::string& out) { out += std::to_string(value); }});
}

std::string key_of(const std::string& line) { return line.substr(0, line.find(' ')); }

/// A job over Words in one world after the other.
class WordSimulation final : public Simulation {
 public:
  WordSimulation(std::string name, const Setting& setting, const WordPlaces& places)
      : name_{std::move(name)}, setting_{setting}, places_{places} {}

  std::string name() const override { return name_; }
  void prepare(World& world) const override { words_.prepare(world, 3, !places_.from_kafka); }
  void build(Topology& topology, World& world) const override {
    const bool drops_one = setting_.drops_one;
    const auto look = [drops_one, dropped = words_.line(17)](const std::string& line) {
      return !drops_one || line != dropped;
    };
    Words::build(topology, world, places_, look);
  }
  std::string faults(World& world) const override { return words_.faults(world, places_); }

 private:
  const std::string name_;
  const Setting setting_;
  const WordPlaces places_;
  const Words words_{60};
};

}  // namespace

std::string Words::line(std::size_t number) const {
  return key(number) + " " + std::to_string(number);
}

void Words::prepare(World& world, std::uint32_t partitions, bool in_files) const {
  world.log().create_topic("out", 2);
  if (!in_files) {
    world.log().create_topic("in", partitions);
    for (std::size_t number = 0; number < count_; ++number) {
      const auto partition = static_cast<std::uint32_t>(number % partitions);
      world.log().append({"in", partition}, {.value = line(number)});
    }
    return;
  }
  world.disk().create_directories("in");
  const auto file = world.disk().create("in/lines.txt");
  for (std::size_t number = 0; number < count_; ++number) file->write(line(number) + "\n");
  file->sync();
  world.disk().sync_directory("in");
  world.disk().sync_directory(".");
}

void Words::build(Topology& topology, World& world, const WordPlaces& places,
                  const std::function<bool(const std::string&)>& look) {
  const Cluster kafka{{.brokers = "simulated", .client = world.kafka()}};
  const auto lines =
      places.from_kafka ? topology.source("in", kafka.topic("in", weir::text()).until(Until::end()))
                        : topology.source("in", weir::io::read_lines("in/lines.txt"));
  const auto counts = lines.filter([look](const std::string& line) { return !look || look(line); })
                          .key_by(key_of)
                          .count()
                          .changes();
  if (places.to_kafka) counts.to("out", kafka.table("out", weir::text(), numbers()));
  if (!places.to_files) return;
  weir::io::WriteOptions files;
  files.roll_bytes = 1;
  counts
      .map([](const Count& count) {
        return count.key + " " + std::to_string(count.now.value_or(0));
      })
      .to("files", weir::io::write_files("files", weir::text(), files));
}

std::map<std::string, int> counts_in_topic(World& world) {
  std::map<std::string, int> counts;
  for (const auto& record : world.log().committed_records("out")) {
    ++counts[record.key.value_or("") + " " + record.value.value_or("")];
  }
  return counts;
}

std::map<std::string, int> counts_in_files(World& world) {
  std::map<std::string, int> counts;
  for (const std::string& path : world.disk().all_files()) {
    if (path.find("files/") == std::string::npos || path.find("/.") != std::string::npos) continue;
    std::istringstream text{world.disk().content(path)};
    for (std::string line; std::getline(text, line);) ++counts[line];
  }
  return counts;
}

std::string difference_of_counts(std::map<std::string, int> actual,
                                 const std::map<std::string, std::int64_t>& totals) {
  std::string text;
  for (const auto& [key, total] : totals) {
    for (std::int64_t number = 1; number <= total; ++number) {
      const std::string count = key + " " + std::to_string(number);
      const int times = actual[count];
      actual.erase(count);
      if (times != 1) text += "'" + count + "' is there " + std::to_string(times) + " times; ";
    }
  }
  for (const auto& [count, times] : actual) text += "'" + count + "' should not be there; ";
  return text;
}

std::string Words::faults(World& world, const WordPlaces& places) const {
  std::map<std::string, std::int64_t> totals;
  for (std::size_t number = 0; number < count_; ++number) ++totals[key(number)];
  std::string text;
  if (places.to_kafka) {
    const std::string found = difference_of_counts(counts_in_topic(world), totals);
    if (!found.empty()) text += "in the topic: " + found;
  }
  if (places.to_files) {
    const std::string found = difference_of_counts(counts_in_files(world), totals);
    if (!found.empty()) text += "in the files: " + found;
  }
  return text;
}

std::unique_ptr<Simulation> kafka_to_kafka(const Setting& setting) {
  return std::make_unique<WordSimulation>("Kafka to Kafka", setting, WordPlaces{});
}

std::unique_ptr<Simulation> kafka_to_files(const Setting& setting) {
  return std::make_unique<WordSimulation>(
      "Kafka to files", setting,
      WordPlaces{.from_kafka = true, .to_kafka = false, .to_files = true});
}

std::unique_ptr<Simulation> files_to_kafka(const Setting& setting) {
  return std::make_unique<WordSimulation>(
      "files to Kafka", setting,
      WordPlaces{.from_kafka = false, .to_kafka = true, .to_files = false});
}

std::unique_ptr<Simulation> kafka_to_both(const Setting& setting) {
  return std::make_unique<WordSimulation>(
      "Kafka to Kafka and files", setting,
      WordPlaces{.from_kafka = true, .to_kafka = true, .to_files = true});
}

}  // namespace simulation
