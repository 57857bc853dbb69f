// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scenarios/scenario.hpp"
#include "weir/testing/driver.hpp"
#include "weir/topology.hpp"

namespace scenarios {

/// A topology at work under the test driver, with a clock that starts at 0.
class Stage final {
 public:
  /// One shard if results have to come in order over all keys.
  Stage(const weir::Topology& topology, bool is_ordered);

  void settle() { driver_.settle(); }
  /// The machine's clock goes to this time; forwards it passes every time on the way.
  void set_clock(weir::EventTime time);
  /// A snapshot, and a new instance that goes on from there.
  void checkpoint_and_restart();

  weir::EventTime now() { return driver_.clock().now(); }
  weir::EventTime watermark() const { return driver_.watermark(); }
  /// A counter of all nodes together, over all restarts.
  std::int64_t count(const char* metric) const;

 private:
  static weir::testing::Driver::Options options(bool is_ordered);

  weir::testing::Driver driver_;
  std::vector<weir::Metrics> before_restarts_;
};

}  // namespace scenarios
