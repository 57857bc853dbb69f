// SPDX-License-Identifier: Apache-2.0
// A text is one record, not a range of characters.
// expect: FlatMapFunction
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
  stream.flat_map([](const Order& order) { return std::array{order.customer}; });
#else
  stream.flat_map([](const Order& order) { return order.customer; });
#endif
}
