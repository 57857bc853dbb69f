// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/simulation.hpp"

namespace simulation {

/// Where a job that counts words has them from, and where it puts the counts.
struct WordPlaces {
  bool from_kafka = true;
  bool to_kafka = true;
  bool to_files = false;
};

/// Words over a few keys: "k3 17" is the word k3, record 17.
class Words final {
 public:
  explicit Words(std::size_t count) : count_{count} {}

  /// The group and the transactional id of the job in a World.
  static constexpr const char* kGroup = "simulated";
  static constexpr const char* kMember = "simulated.0";

  /// Makes topics and files, with the words in them by turns over `partitions`.
  void prepare(weir::testing::World& world, std::uint32_t partitions, bool in_files = false) const;
  /// Counts words per key; each count of each key goes to the places that are wanted.
  /// `look`: sees each line on its way.
  static void build(weir::Topology& topology, weir::testing::World& world, const WordPlaces& places,
                    const std::function<bool(const std::string&)>& look = {});
  /// Each key's counts have to be 1, 2, 3 ... each once. Returns what is wrong; empty: nothing.
  std::string faults(weir::testing::World& world, const WordPlaces& places) const;

  std::string line(std::size_t number) const;
  std::string key(std::size_t number) const { return "k" + std::to_string(number % 5); }
  std::size_t count() const noexcept { return count_; }

 private:
  std::size_t count_;
};

/// How often each "key count" was written: to topic "out", to files.
std::map<std::string, int> counts_in_topic(weir::testing::World& world);
std::map<std::string, int> counts_in_files(weir::testing::World& world);
/// What of "key 1", "key 2" ... up to each key's total is not there exactly once.
std::string difference_of_counts(std::map<std::string, int> actual,
                                 const std::map<std::string, std::int64_t>& totals);

std::unique_ptr<Simulation> kafka_to_kafka(const Setting& setting);
std::unique_ptr<Simulation> kafka_to_files(const Setting& setting);
std::unique_ptr<Simulation> files_to_kafka(const Setting& setting);
std::unique_ptr<Simulation> kafka_to_both(const Setting& setting);

}  // namespace simulation
