// SPDX-License-Identifier: Apache-2.0
// A source is a Source, or converts to a pointer to one.
// expect: StreamSource
#include <memory>
#include <vector>

#include "weir/topology.hpp"

void build(weir::Topology& topology) {
#ifdef WEIR_CONTROL
  topology.source("numbers", std::shared_ptr<weir::Source<int>>{});
#else
  topology.source("numbers", std::vector<int>{1, 2, 3});
#endif
}
