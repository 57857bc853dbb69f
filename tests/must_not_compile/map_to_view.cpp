// SPDX-License-Identifier: Apache-2.0
// The text behind a view is gone when its batch is.
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
  stream.map([](const Order& order) { return order.customer; });
#else
  stream.map([](const Order& order) { return std::string_view{order.customer}; });
#endif
}
