// SPDX-License-Identifier: Apache-2.0
#include "weir/stable_hash.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir {
namespace {

struct Golden {
  std::size_t size;
  std::uint64_t hash;
};

// State on disk depends on these: they never change. Each length is another path of XXH3.
constexpr Golden kGolden[] = {
    {0, 0x2d06800538d394c2},   {1, 0xc44bdff4074eecdb},   {3, 0x5f4299fc161c9cbb},
    {4, 0x60dab036a58211f2},   {8, 0x3a1c2d7c85af88f8},   {9, 0xe9612598145bb9dc},
    {16, 0x8355e3a6f61770db},  {17, 0x9ef341a99de37328},  {128, 0x85c6174c7ff4c46b},
    {129, 0xec7642b431ba3e5a}, {240, 0x375a384d957fe865}, {241, 0x02e8cd95421c6d02},
    {300, 0xd44052f5a3485425},
};

TEST(StableHash, IsTheSameForEver) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i);

  for (const auto& [size, hash] : kGolden) {
    EXPECT_EQ(stable_hash({bytes.data(), size}), hash) << size << " bytes";
  }
  EXPECT_EQ(stable_hash("weir"), 0x09831dc741817118U);
}

}  // namespace
}  // namespace weir
