// SPDX-License-Identifier: Apache-2.0

// Visits of a web site, from clicks in a topic: events -> active-sessions, both JSON.
//
//     kafka_sessions --feed --clicks 100000 --work state    # sends generated clicks
//     kafka_sessions --work state                           # until Ctrl-C; --until-end: to the end
//     kafka_sessions --verify --clicks 100000               # the same visits by a plain loop
//
// Clicks lie in the partitions of their topic by user already, so that nothing is exchanged and
// several processes can share the work: start it again with another --instance.

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/kafka_support.hpp"
#include "visits.hpp"
#include "weir/json.hpp"

using namespace std::chrono_literals;

namespace {

int feed(const example::Arguments& arguments, std::uint64_t clicks) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"sessions-feed"};
  topology.source("clicks", weir::io::generate<Click>(clicks, example::click_at))
      .to("topic", kafka.topic("events", weir::json<Click>()).keyed_by(&Click::user));
  return example::run(std::move(topology), example::job_options(arguments));
}

int find_visits(const example::Arguments& arguments) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  weir::Topology topology{"sessions"};
  topology.source("clicks", example::input(kafka.topic("events", weir::json<Click>()), arguments))
      .event_time(&Click::at, {.max_disorder = 30s})
      .key_by(&Click::user)
      .keyed_by_partition()
      .window(weir::sessions({.gap = example::kVisitGap}))
      .retain(7 * 24h)
      .aggregate<Visit>()
      .filter(example::is_long)
      .map(&example::visit_row)
      .named("visits")
      .to("topic", kafka.topic("active-sessions", weir::json<VisitRow>())
                       .keyed_by(&VisitRow::user)
                       .timed_by(example::wall_clock<VisitRow>));
  return example::run(std::move(topology), example::job_options(arguments));
}

int verify(const example::Arguments& arguments, std::uint64_t clicks) {
  const weir::kafka::Cluster kafka = example::cluster_of(arguments);
  std::vector<std::string> lines;
  const int result = example::read_to_end(
      "sessions-verify",
      kafka.topic("active-sessions", weir::json<VisitRow>())
          .until(weir::kafka::Until::end())
          .source(),
      [&lines](const VisitRow& row) { lines.push_back(example::line_of(row)); });
  return result != 0 ? result : example::verify_visits(std::move(lines), clicks);
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments{argc, argv, example::kafka_options({"clicks"})};
  const std::uint64_t clicks = arguments.number("clicks", 100'000);
  if (arguments.has("feed")) return feed(arguments, clicks);
  if (arguments.has("verify")) return verify(arguments, clicks);
  return find_visits(arguments);
}
