// SPDX-License-Identifier: Apache-2.0
// A key has bytes that it is known by: there is a Codec for it, and it can be compared.
// expect: KeySelector
#include <functional>
#include <string>

#include "weir/keyed_stream.hpp"

struct Order {
  std::string customer;
  std::function<int()> price;
};

void build(const weir::Stream<Order>& stream) {
#ifdef WEIR_CONTROL
  stream.key_by(&Order::customer);
#else
  stream.key_by(&Order::price);
#endif
}
