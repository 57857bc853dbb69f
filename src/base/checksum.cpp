// SPDX-License-Identifier: Apache-2.0
#include "base/checksum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir::inline v0 {

struct Checksum::State {
  XXH3_state_t hash;
};

std::uint64_t checksum(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

Checksum::Checksum() : state_{std::make_unique<State>()} { XXH3_64bits_reset(&state_->hash); }
Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;

void Checksum::add(std::string_view bytes) noexcept {
  XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size());
}

std::uint64_t Checksum::value() const noexcept { return XXH3_64bits_digest(&state_->hash); }

}  // namespace weir::inline v0
