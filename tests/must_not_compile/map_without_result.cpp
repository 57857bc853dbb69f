// SPDX-License-Identifier: Apache-2.0
// What map returns is the new record: there must be one.
// expect: MapFunction
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
  stream.map([](const Order& order) { return order.total; });
#else
  stream.map([](const Order& order) { (void)order; });
#endif
}
