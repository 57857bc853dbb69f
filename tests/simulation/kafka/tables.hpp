// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/kafka/words.hpp"
#include "weir/detail/commit_pointer.hpp"

namespace simulation {

inline constexpr WordPlaces kToBoth{.from_kafka = true, .to_kafka = true, .to_files = true};

/// What a process finds when it starts.
struct Found {
  std::uint64_t committed = 0;  ///< The checkpoint that the offsets name; 0: none.
  bool is_undecided = false;    ///< The offsets of an open transaction are there.
  std::size_t open_transactions = 0;
  std::vector<std::string> files;

  std::vector<std::string> with(const std::string& part) const {
    std::vector<std::string> found;
    for (const std::string& file : files) {
      if (file.find(part) != std::string::npos) found.push_back(file);
    }
    return found;
  }
  /// Files of checkpoints after the committed one. Requires: all are of one timeline.
  std::vector<std::string> uncommitted() const {
    std::vector<std::string> found;
    for (const std::string& file : with(".ckpt")) {
      const std::size_t dash = file.rfind('-');
      if (file.find(".tmp") == std::string::npos &&
          std::stoull(file.substr(dash + 1)) > committed) {
        found.push_back(file);
      }
    }
    return found;
  }
};

inline Found look_around(weir::testing::World& world) {
  Found found;
  const auto places = world.log().places(Words::kGroup);
  for (const auto& [partition, place] : places.offsets) {
    const auto pointer = weir::detail::decode_pointer(place.metadata);
    if (pointer) found.committed = std::max(found.committed, pointer->checkpoint.id.value);
  }
  found.is_undecided = places.is_undecided;
  found.open_transactions = world.log().open_transaction_count();
  found.files = world.disk().all_files();
  return found;
}

/// Small steps: many checkpoints in a short run.
inline weir::testing::WorldOptions small_steps() {
  weir::testing::WorldOptions options;
  options.seed = 7;
  options.job.checkpoints.interval = weir::Duration{3};
  options.job.exchange.batch_records = 2;
  options.job.exchange.ring_elements = 2;
  options.kafka.batch_records = 3;
  return options;
}

/// What happened in a world from its first process to the end.
struct Story {
  std::vector<Found> found;  ///< By each process.
  Found at_the_end;
  std::string faults;  ///< Of the output.
  std::uint32_t crashes = 0;
  std::uint32_t failures = 0;
};

/// Counts words of so many lines in a new world until the job has finished. `look`: as in
/// Words::build().
inline Story tell(const weir::testing::WorldOptions& options,
                  const std::function<bool(weir::testing::World&, const std::string&)>& look = {},
                  std::uint32_t lines = 60) {
  const Words words{lines};
  weir::testing::World world{options};
  words.prepare(world, 2);
  Story story;
  world.run([&](weir::Topology& topology, weir::testing::World& at) {
    story.found.push_back(look_around(at));
    Words::build(topology, at, kToBoth,
                 [&](const std::string& line) { return !look || look(at, line); });
  });
  story.at_the_end = look_around(world);
  story.faults = words.faults(world, kToBoth);
  story.crashes = world.crash_count();
  story.failures = world.failure_count();
  return story;
}

}  // namespace simulation
