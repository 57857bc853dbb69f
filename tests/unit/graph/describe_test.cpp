// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/unit/graph/parts.hpp"
#include "weir/topology.hpp"

namespace weir {
namespace {

using graph_test::NullSink;
using graph_test::Numbers;
using namespace std::chrono_literals;

bool is_even(int n) { return n % 2 == 0; }

Topology example() {
  Topology topology{"example"};
  const auto numbers = topology.source("numbers", std::make_shared<Numbers>());
  const auto [even, rest] =
      numbers.event_time([](int n) { return EventTime{n}; }, {.idle_after = std::nullopt})
          .split(is_even);
  detail::Node node = detail::key_by_node<int, int>([](int n) { return n; });
  node.shards = 1;
  const Stream<int> keyed{even.ref().add(std::move(node)).add([] {
    detail::Node window;
    window.kind = detail::NodeKind::keyed;
    window.operation = "window";
    window.parameters = "tumbling 1m";
    window.outlets.emplace_back("late");
    return window;
  }())};
  const Stream<int> late{keyed.ref().at_outlet("late")};
  keyed.named("counts")
      .map([](int n) { return n; })
      .on_error(OnError::skip().after_retries(3, 1s))
      .to("out", std::make_shared<NullSink>());
  rest.union_with(late).for_each("say \"<rest>\"", [](int) {});
  return topology;
}

TEST(Describe, AsText) {
  EXPECT_EQ(example().describe(), R"text(topology example
  numbers             source
  numbers.event_time  event_time (max disorder 0ms)        <- numbers
  numbers.split       split                                <- numbers.event_time
  numbers.key_by      key_by (1 shard)                     <- numbers.split
  counts              window (tumbling 1m)                 <- numbers.key_by
  counts.map          map (on error skip after 3 retries)  <- counts
  out                 sink                                 <- counts.map
  numbers.rest.union  union                                <- numbers.split[rest], counts[late]
  say "<rest>"        for_each                             <- numbers.rest.union
)text");
}

TEST(Describe, AsMermaid) {
  EXPECT_EQ(example().describe(Drawing::mermaid), R"text(flowchart LR
  n0(["numbers<br>source"])
  n1["numbers.event_time<br>event_time (max disorder 0ms)"]
  n2["numbers.split<br>split"]
  n3{{"numbers.key_by<br>key_by (1 shard)"}}
  n4[("counts<br>window (tumbling 1m)")]
  n5["counts.map<br>map (on error skip after 3 retries)"]
  n6[["out<br>sink"]]
  n7["numbers.rest.union<br>union"]
  n8[["say #quot;#lt;rest#gt;#quot;<br>for_each"]]
  n0 --> n1
  n1 --> n2
  n2 --> n3
  n3 ==> n4
  n4 --> n5
  n5 --> n6
  n2 -->|"rest"| n7
  n4 -->|"late"| n7
  n7 --> n8
)text");
}

TEST(Describe, AnInvalidTopologyAsItStands) {
  Topology topology{"unfinished"};
  topology.source(std::make_shared<Numbers>()).filter(is_even);
  EXPECT_EQ(topology.describe(), R"text(topology unfinished
  source         source
  source.filter  filter  <- source
)text");
}

}  // namespace
}  // namespace weir
