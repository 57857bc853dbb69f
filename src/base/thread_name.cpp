// SPDX-License-Identifier: Apache-2.0
#include "base/thread_name.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>

namespace weir::inline v0 {

void name_this_thread(std::string_view name) noexcept {
  constexpr std::size_t kMaxBytes = 15;
  char text[kMaxBytes + 1] = {};
  std::copy_n(name.data(), std::min(name.size(), kMaxBytes), text);
  pthread_setname_np(pthread_self(), text);  // A name is a convenience: that it fails is no error.
}

}  // namespace weir::inline v0
