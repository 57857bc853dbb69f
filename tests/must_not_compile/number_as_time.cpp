// SPDX-License-Identifier: Apache-2.0
// A number says nothing about its unit; an EventTime does.
// expect: TimeSelector
#include <string>
#include <string_view>

#include "weir/stream.hpp"

struct Order {
  std::string customer;
  weir::EventTime placed_at;
  int total = 0;
};

void build(const weir::Stream<Order>& stream) {
#ifdef WEIR_CONTROL
  stream.event_time(&Order::placed_at);
#else
  stream.event_time(&Order::total);
#endif
}
