// SPDX-License-Identifier: Apache-2.0
// A filter sees one side of a change, so that what passes no longer can vanish.
// expect: Predicate
#include <string>
#include <string_view>

#include "weir/stream.hpp"

using Counted = weir::Change<std::string, int>;

void build(const weir::Stream<Counted>& stream) {
#ifdef WEIR_CONTROL
  stream.filter([](const weir::Keyed<std::string, int>& row) { return row.value > 1; });
#else
  stream.filter([](const Counted& change) { return change.now > 1; });
#endif
}
