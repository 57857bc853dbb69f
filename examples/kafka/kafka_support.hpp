// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the programs from Kafka to Kafka share: their options, and a reader for what they wrote.

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"
#include "weir/kafka.hpp"

namespace example {

/// The options of a program from Kafka to Kafka: those of all, and these.
///
///     --brokers HOST:PORT   where the cluster is; localhost:9092
///     --work DIR            checkpoints and state; needed by all but --verify
///     --interval MS         between two checkpoints, and so between two transactions
///     --instance NAME       this process among those that share the job; 0
///     --until-end           ends at the end of the input as of the first start
///     --feed, --verify      produces the input; compares the output with a plain loop
std::vector<std::string> kafka_options(std::vector<std::string> more = {});

/// One for each topology.
weir::kafka::Cluster cluster_of(const Arguments& arguments);

/// The topic as input, bounded by --until-end.
template <class T>
weir::kafka::Topic<T> input(const weir::kafka::Topic<T>& topic, const Arguments& arguments) {
  return arguments.has("until-end") ? topic.until(weir::kafka::Until::end()) : topic;
}

/// The time of day, for records whose event time is long ago: brokers delete records by their time.
template <class T>
weir::EventTime wall_clock(const T&) {
  return weir::EventTime{std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count()};
}

/// Calls `use` for each record that is committed in a topic, up to its end. With at_most_once no
/// offsets are committed: it starts at the beginning each time. Returns main()'s result.
template <class T, class Use>
int read_to_end(const std::string& name, const std::shared_ptr<weir::Source<T>>& source, Use use) {
  weir::Topology topology{name};
  topology.source("committed", source).for_each("use", std::move(use));
  return run(std::move(topology), {.guarantee = weir::Guarantee::at_most_once});
}

}  // namespace example
