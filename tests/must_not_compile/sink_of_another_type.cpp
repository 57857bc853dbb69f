// SPDX-License-Identifier: Apache-2.0
// A sink takes one type of record.
// expect: SinkFor
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
  stream.to(std::shared_ptr<weir::Sink<Order>>{});
#else
  stream.to(std::shared_ptr<weir::Sink<std::string>>{});
#endif
}
