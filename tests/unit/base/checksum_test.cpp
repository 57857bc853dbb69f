// SPDX-License-Identifier: Apache-2.0
#include "base/checksum.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "weir/random.hpp"

namespace weir {
namespace {

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

TEST(Checksum, OfPiecesIsThatOfTheWhole) {
  Random random{1};
  for (int round = 0; round < 100; ++round) {
    const std::string bytes = random_bytes(random, random.below(3'000));
    Checksum sum;
    std::string_view left = bytes;
    while (!left.empty()) {
      const std::size_t size = 1 + random.below(left.size());
      sum.add(left.substr(0, size));
      left.remove_prefix(size);
    }
    EXPECT_EQ(sum.value(), checksum(bytes)) << "round " << round;
  }
}

TEST(Checksum, CanBeReadInBetween) {
  Checksum sum;
  sum.add("ab");
  EXPECT_EQ(sum.value(), checksum("ab"));
  sum.add("cd");
  EXPECT_EQ(sum.value(), checksum("abcd"));
}

TEST(Checksum, ChangesWithEveryBit) {
  Random random{2};
  std::string bytes = random_bytes(random, 200);
  const std::uint64_t before = checksum(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto mask = static_cast<char>(1U << (bit % 8));
    bytes[bit / 8] ^= mask;
    EXPECT_NE(checksum(bytes), before) << "bit " << bit;
    bytes[bit / 8] ^= mask;
  }
}

}  // namespace
}  // namespace weir
