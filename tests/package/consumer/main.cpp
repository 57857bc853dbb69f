// SPDX-License-Identifier: Apache-2.0
// What a user's program needs of an installed weir: a topology, a job, an error.
#include <weir/weir.hpp>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

int main() {
  std::map<std::string, std::int64_t> counts;
  weir::Topology topology{"consumer"};
  topology.source("words", weir::io::values<std::string>({"a", "b", "a"}))
      .key_by(std::identity{})
      .count()
      .changes()
      .for_each("keep", [&counts](const weir::Keyed<std::string, std::int64_t>& count) {
        counts[count.key] = count.value;
      });
  weir::Job{std::move(topology), {.workers = 1}}.run();

  try {
    weir::Job{weir::Topology{"faulty"}, {.shards = 0}};
  } catch (const weir::ConfigError& error) {
    std::printf("weir %s: %s\n", WEIR_VERSION_STRING, error.what());
  }
  return counts["a"] == 2 && counts["b"] == 1 ? 0 : 1;
}
