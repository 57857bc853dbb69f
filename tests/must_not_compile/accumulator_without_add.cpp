// SPDX-License-Identifier: Apache-2.0
// An aggregate takes records in by add().
// expect: AccumulatorFor
#include "weir/keyed_stream.hpp"

struct Total {
  int sum = 0;
#ifdef WEIR_CONTROL
  void add(const std::string&) { ++sum; }
#endif
};

void totals_of(const weir::Stream<std::string>& words) {
  words.key_by(std::identity{}).aggregate<Total>();
}
