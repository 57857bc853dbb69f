// SPDX-License-Identifier: Apache-2.0
#include "scenarios/stage.hpp"

namespace scenarios {

Stage::Stage(const weir::Topology& topology, bool is_ordered)
    : driver_{topology, options(is_ordered)} {
  driver_.clock().set_calendar(weir::EventTime{0});
  driver_.restart();  // State that ages has seen no other time.
  driver_.settle();
}

weir::testing::Driver::Options Stage::options(bool is_ordered) {
  weir::testing::Driver::Options options;
  options.job.shards = is_ordered ? 1 : 4;
  return options;
}

void Stage::set_clock(weir::EventTime time) {
  if (time < now()) {
    driver_.clock().set_calendar(time);
    return driver_.settle();
  }
  driver_.advance(time - now());
}

void Stage::checkpoint_and_restart() {
  driver_.checkpoint();
  before_restarts_.push_back(driver_.metrics());
  driver_.restart();
  driver_.settle();
}

std::int64_t Stage::count(const char* metric) const {
  double total = driver_.metrics().sum(metric);
  for (const weir::Metrics& metrics : before_restarts_) total += metrics.sum(metric);
  return static_cast<std::int64_t>(total);
}

}  // namespace scenarios
