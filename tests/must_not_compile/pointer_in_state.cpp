// SPDX-License-Identifier: Apache-2.0
// A pointer means nothing after a restart.
// expect: Encodable
#include <cstdint>
#include <string>

#include "weir/codec.hpp"

struct Visit {
  std::int64_t clicks = 0;
#ifdef WEIR_CONTROL
  std::string page;
#else
  const char* page = nullptr;
#endif
};

const std::uint64_t fingerprint = weir::codec_fingerprint<Visit>();
