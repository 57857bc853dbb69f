// SPDX-License-Identifier: Apache-2.0
// The function must take this stream's records.
// expect: Observer
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
  stream.for_each([](const Order& order) { (void)order; });
#else
  stream.for_each([](const std::string& text) { (void)text; });
#endif
}
