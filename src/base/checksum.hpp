// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::inline v0 {

/// The checksum of stored bytes: XXH3 with 64 bits. Finds accidents, not attackers.
std::uint64_t checksum(std::string_view bytes) noexcept;

/// The checksum of bytes that come in pieces; equals that of all of them at once.
class Checksum final {
 public:
  Checksum();
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;

  void add(std::string_view bytes) noexcept;
  /// Of what was added so far; more may be added afterwards.
  std::uint64_t value() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::inline v0
