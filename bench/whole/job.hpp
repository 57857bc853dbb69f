// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/whole/measure.hpp"
#include "bench/whole/records.hpp"
#include "bench/whole/suite.hpp"
#include "weir/io.hpp"
#include "weir/job.hpp"
#include "weir/topology.hpp"

namespace bench {

inline weir::JobOptions with_workers(std::uint32_t workers) {
  weir::JobOptions options;
  options.workers = workers;
  return options;
}

/// Runs a topology that `build(topology, answer)` makes, from its construction to the end of its
/// input. What it adds to `answer` is under a lock: it is for_each() that does so.
template <class Build>
Run run_job(std::uint64_t records, weir::JobOptions options, const Build& build) {
  std::uint64_t answer = 0;
  return timed(records, [&] {
    weir::Topology topology{"bench"};
    build(topology, answer);
    weir::Job job{std::move(topology), std::move(options)};
    job.run();
    return answer;
  });
}

inline weir::Stream<Event> lent(weir::Topology& topology, const std::vector<Event>& events) {
  return topology.source("events",
                         weir::io::lend(std::span<const Event>{events}, {.splits = kSplits}));
}

/// Variants of one workload: `one_worker`, and the name of the group + "/workers=2".
template <class Run>
void add_per_workers(Group& group, const std::string& one_worker, Parameters parameters,
                     const Run& run) {
  for (const std::uint32_t workers : {1U, 2U}) {
    parameters["workers"] = std::to_string(workers);
    group.variants.push_back({workers == 1 ? one_worker : group.name + "/workers=2", parameters,
                              [run, workers](Extra&) { return run(workers); }});
  }
}

}  // namespace bench
