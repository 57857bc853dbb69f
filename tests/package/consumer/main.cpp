// SPDX-License-Identifier: Apache-2.0
// What a user's program needs of an installed weir: a topology, a job, an error.
#include <weir/weir.hpp>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#if __has_include(<weir/kafka.hpp>)
#include <weir/kafka.hpp>
#endif

/// Whether the Kafka component, where there is one, is linked and refuses a cluster without a name.
bool refuses_nameless_cluster() {
#if __has_include(<weir/kafka.hpp>)
  weir::Topology topology{"copy"};
  const weir::kafka::Cluster kafka{{.brokers = ""}};
  topology.source("in", kafka.topic("in", weir::text()))
      .to("out", kafka.topic("out", weir::text()));
  try {
    weir::Job{std::move(topology)};
    return false;
  } catch (const weir::ConfigError& error) {
    return std::string{error.what()}.find("brokers") != std::string::npos;
  }
#else
  return true;
#endif
}

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
  const bool counts_right = counts["a"] == 2 && counts["b"] == 1;
  return counts_right && refuses_nameless_cluster() ? 0 : 1;
}
