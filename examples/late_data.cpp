// SPDX-License-Identifier: Apache-2.0

// What becomes of records that come late: readings of sensors, summed per hour.
//
// Records may be 5 minutes out of order. An hour's sum is printed when the hour is over, and again
// for each record that comes up to 30 minutes later. What comes after that goes to late().

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "support.hpp"

using namespace std::chrono_literals;

struct Reading {
  std::string sensor;
  std::int64_t value = 0;
  weir::EventTime at;
};

namespace {

std::string word_for(const weir::Pane& pane) {
  return pane.timing == weir::PaneTiming::late ? "corrected" : "on time";
}

}  // namespace

int main() {
  const auto at = [](std::int64_t minute) { return weir::EventTime{minute * 60'000}; };
  const std::vector<Reading> readings = {
      {"cellar", 1, at(5)},  {"cellar", 2, at(50)}, {"cellar", 3, at(47)},  // In any order.
      {"cellar", 4, at(66)},                                                // Ends the first hour.
      {"cellar", 5, at(58)},                                                // Late, but accepted.
      {"cellar", 6, at(96)},                                                // 30 minutes are over.
      {"cellar", 7, at(59)},                                                // Too late.
  };

  weir::Topology topology{"late-data"};
  const auto sums = topology.source("readings", weir::io::values(readings))
                        .event_time(&Reading::at, {.max_disorder = 5min, .per_record = true})
                        .key_by(&Reading::sensor)
                        .window(weir::tumbling({.size = 1h}))
                        .allow_lateness(30min)
                        .sum(&Reading::value);

  sums.for_each("sums", [](const weir::Windowed<std::string, std::int64_t>& sum) {
    std::cout << sum.key << " from minute " << sum.start.ms() / 60'000 << ": " << sum.value << " ("
              << word_for(sum.pane) << ")\n";
  });
  sums.late().for_each("late", [](const weir::Late<std::string, Reading>& late) {
    std::cout << late.key << ": " << late.record.value << " of minute " << late.time.ms() / 60'000
              << " came too late, time was at minute " << late.watermark.ms() / 60'000 << '\n';
  });
  return example::run(std::move(topology), {.workers = 1});
}
