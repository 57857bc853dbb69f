// SPDX-License-Identifier: Apache-2.0
// A predicate says yes or no.
// expect: Predicate
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
  stream.filter([](const Order& order) { return order.customer.empty(); });
#else
  stream.filter(&Order::customer);
#endif
}
