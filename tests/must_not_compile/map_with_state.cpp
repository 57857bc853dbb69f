// SPDX-License-Identifier: Apache-2.0
// Hidden state is in no checkpoint: functions are called as const.
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
  stream.map([n = 0](const Order& order) { return order.total + n; });
#else
  stream.map([n = 0](const Order& order) mutable { return order.total + n++; });
#endif
}
