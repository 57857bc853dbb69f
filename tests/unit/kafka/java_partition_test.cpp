// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/kafka/options.hpp"

namespace weir::kafka {
namespace {

/// What kafka-clients 4.3.0 says: toPositive(murmur2(key)) % 1000.
const std::vector<std::pair<std::string, std::int32_t>> kJavaSays{
    {"", 681},
    {"a", 524},
    {"ab", 434},
    {"abc", 107},
    {"abcd", 100},
    {"abcde", 741},
    {"21", 340},
    {"foobar", 166},
    {"a-little-bit-long-string", 112},
    {"a-little-bit-longer-string", 819},
    {"customer-17", 640},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 677},
    {"\xc3\xa4\xc3\xb6\xc3\xbc", 92},
    {std::string("\x00\xff", 2), 553},
};

TEST(JavaPartition, IsWhatTheJavaProducerChooses) {
  for (const auto& [key, partition] : kJavaSays) {
    EXPECT_EQ(java_partition(key, 1'000), partition) << '"' << key << '"';
  }
}

TEST(JavaPartition, AgreesWithTheJavaProducerOnTenThousandKeys) {
  std::uint64_t sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "key-" + std::to_string(i);
    sum = sum * 31 + static_cast<std::uint64_t>(java_partition(key, 1'000));
  }
  EXPECT_EQ(sum, 1938405784279237864U);  // Computed with kafka-clients 4.3.0.
}

TEST(JavaPartition, OfOnePartitionIsThatOne) { EXPECT_EQ(java_partition("any", 1), 0); }

}  // namespace
}  // namespace weir::kafka
