// SPDX-License-Identifier: Apache-2.0
// What a user's program needs of an installed weir: its headers, and a symbol of the library.
#include <cstdio>
#include <string>

#include "weir/error.hpp"
#include "weir/stable_hash.hpp"
#include "weir/version.hpp"

int main() {
  try {
    throw weir::ConfigError{"nothing is configured"};
  } catch (const weir::Error& error) {
    std::printf("weir %s: %s\n", WEIR_VERSION_STRING, error.what());
  }
  return weir::stable_hash("a key") == weir::stable_hash(std::string{"a "} + "key") ? 0 : 1;
}
