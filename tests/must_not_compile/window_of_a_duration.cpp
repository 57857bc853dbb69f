// SPDX-License-Identifier: Apache-2.0
// How long is not yet which windows.
// expect: WindowsFor
#include "weir/keyed_stream.hpp"

void windows_of(const weir::Stream<std::string>& words) {
  const weir::Duration minute{60'000};
#ifdef WEIR_CONTROL
  words.key_by(std::identity{}).window(weir::tumbling(minute)).count();
#else
  words.key_by(std::identity{}).window(minute);
#endif
}
