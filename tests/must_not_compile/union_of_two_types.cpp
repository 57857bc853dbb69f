// SPDX-License-Identifier: Apache-2.0
// United streams have one type of record: map them to it first.
// expect: Stream<Order>
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
  stream.union_with(stream);
#else
  stream.union_with(stream.map(&Order::customer));
#endif
}
