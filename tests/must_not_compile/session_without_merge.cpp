// SPDX-License-Identifier: Apache-2.0
// Sessions merge; so must what is computed of them.
// expect: WindowAccumulator
#include "weir/keyed_stream.hpp"

struct Click {
  std::string user;
};
struct Clicks {
  int count = 0;
  void add(const Click&) { ++count; }
#ifdef WEIR_CONTROL
  void merge(const Clicks& other) { count += other.count; }
#endif
};

void sessions_of(const weir::Stream<Click>& clicks) {
  const auto windows =
      clicks.key_by(&Click::user).window(weir::sessions({.gap = weir::Duration{9}}));
  windows.aggregate<Clicks>();
}
