// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "weir/version.hpp"

int main() {
  std::printf("built with weir %s\n", WEIR_VERSION_STRING);
  return WEIR_VERSION >= 1000 ? 0 : 1;
}
